// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IBatches} from "../../src/interfaces/IBatches.sol";
import {OrderState} from "../../src/interfaces/IEscrow.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {BatchWorld} from "../support/BatchWorld.sol";

contract TakeOutTest is BatchWorld {
    bytes32 internal batch;

    function setUp() public override {
        super.setUp();
        batch = aPaidBatch(300, rule);
    }

    function takeOut(uint256[] memory marked, bytes memory chunks) internal {
        by(MERCHANT);
        escrow.takeOut(batch, marked, chunks);
    }

    // --- refused ---

    function test_refusesAnyoneButTheBatchsMerchant() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        escrow.takeOut(batch, allOf(300), amountsOf(300));

        refusesRole(CARRIER, Role.MERCHANT);
        by(CARRIER);
        escrow.takeOut(batch, allOf(300), amountsOf(300));

        refuses(abi.encodeWithSelector(IBatches.NotTheBatchsMerchant.selector, batch, OTHER_MERCHANT));
        by(OTHER_MERCHANT);
        escrow.takeOut(batch, allOf(300), amountsOf(300));

        suspended(MERCHANT);
        refusesInactive(MERCHANT);
        takeOut(allOf(300), amountsOf(300));
    }

    function test_refusesABatchThatIsUnknownOrNotPaid() public {
        refuses(abi.encodeWithSelector(IBatches.UnknownBatch.selector, bytes32("other")));
        by(MERCHANT);
        escrow.takeOut("other", allOf(2), amountsOf(2));

        by(MERCHANT);
        bytes32 unpaid = escrow.placeBatch(batchTerms(2, rule));
        refuses(abi.encodeWithSelector(IBatches.BatchIsNotPaid.selector, unpaid));
        by(MERCHANT);
        escrow.takeOut(unpaid, allOf(2), amountsOf(2));
    }

    function test_refusesMarksThatDoNotFitChunksAndOtherAmounts() public {
        uint256[] memory marked = allOf(300);
        marked[1] |= 1 << 44;
        refuses(abi.encodeWithSelector(IBatches.BadMarks.selector, batch));
        takeOut(marked, amountsOf(300));
        refuses(abi.encodeWithSelector(IBatches.BadMarks.selector, batch));
        takeOut(allOf(256), amountsOf(300));

        refusesChunks(batch, 900, 0);
        takeOut(allOf(300), "");
        refusesChunks(batch, 900, 901);
        takeOut(allOf(300), abi.encodePacked(amountsOf(300), uint8(0)));
        refusesChunks(batch, 9 * 32 + 36, 32); // the last chunk begins beyond what there is
        takeOut(oneOf(300, 299), part(amountsOf(300), 0, 32));

        bytes memory others = amountsOf(300);
        others[0] ^= 0x01;
        refusesAmounts(batch, rootOf(amountsOf(300)), rootOf(others));
        takeOut(allOf(300), others);
        assertState(orderAt(batch, 0), OrderState.None);
    }

    // --- taken out ---

    function test_aPaidOneIsDeliveredAndSettledAlone() public {
        bytes32 order = orderAt(batch, 257);
        vm.expectEmit(address(escrow));
        emit IBatches.OrderTakenOut(batch, order, 257, amountAt(257), false);
        takenOut(batch, oneOf(300, 257), 300);

        assertState(order, OrderState.Paid);
        assertMarks(batch, 1, 0, 2);
        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(usualLegs()));
        assertUsual(splitOf(standardAmounts(300), oneOf(300, 257), usualLegs()));
    }

    function test_aSettledOneIsRefundedInPartAlone() public {
        settledOf(batch, allOf(300), 300, usualLegs());
        bytes32 order = orderAt(batch, 5);
        vm.expectEmit(address(escrow));
        emit IBatches.OrderTakenOut(batch, order, 5, amountAt(5), true);
        takenOut(batch, oneOf(300, 5), 300);
        assertState(order, OrderState.Settled);

        refunded(order, 1, 1000, packed(usualLegs()));
        uint64[] memory amountsFen = standardAmounts(300);
        amountsFen[5] -= 1000;
        assertUsual(splitOf(amountsFen, allOf(300), usualLegs()));

        refunded(order, 2, amountsFen[5], packed(usualLegs()));
        assertState(order, OrderState.Refunded);
    }

    function test_aRepeatChangesNothingAlsoAfterItWasRefundedAlone() public {
        takenOut(batch, oneOf(300, 5), 300);
        refunded(orderAt(batch, 5), 1, amountAt(5), "");

        vm.recordLogs();
        takenOut(batch, oneOf(300, 5), 300);
        assertNoLogs();
        assertState(orderAt(batch, 5), OrderState.Refunded);
    }

    function test_whatWasRefundedInTheBatchIsPassedOver() public {
        refundedOf(batch, oneOf(300, 5), 300, usualLegs());
        takenOut(batch, both(oneOf(300, 5), oneOf(300, 6)), 300);
        assertState(orderAt(batch, 5), OrderState.None);
        assertState(orderAt(batch, 6), OrderState.Paid);
    }

    function test_allOfABatchSomeOfItSettled() public {
        uint256[] memory settled = someOf(1, 300);
        settledOf(batch, settled, 300, usualLegs());
        takenOut(batch, allOf(300), 300);
        for (uint256 i = 0; i < 300; ++i) {
            assertState(orderAt(batch, i), isMarked(settled, i) ? OrderState.Settled : OrderState.Paid);
        }
        assertMarks(batch, 0, settled[0], type(uint256).max);
    }
}
