// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IBatches} from "../../src/interfaces/IBatches.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {IRules} from "../../src/interfaces/IRules.sol";
import {BatchWorld} from "../support/BatchWorld.sol";

contract RefundBatchTest is BatchWorld {
    bytes32 internal batch;

    function setUp() public override {
        super.setUp();
        batch = aPaidBatch(300, rule);
    }

    function refund(uint256[] memory marked, bytes memory chunks) internal {
        by(MERCHANT);
        escrow.refundBatch(batch, marked, chunks, packed(usualLegs()), "wilted");
    }

    function sumOfMarked(uint256[] memory marked) internal pure returns (uint64 fen) {
        for (uint256 i = 0; i < 300; ++i) {
            if (isMarked(marked, i)) fen += amountAt(i);
        }
    }

    // --- refused ---

    function test_refusesAnyoneButTheBatchsMerchant() public {
        bytes memory legs = packed(usualLegs());
        refusesNotMember(stranger);
        vm.prank(stranger);
        escrow.refundBatch(batch, allOf(300), amountsOf(300), legs, "");

        refusesRole(CARRIER, Role.MERCHANT);
        by(CARRIER);
        escrow.refundBatch(batch, allOf(300), amountsOf(300), legs, "");

        refuses(abi.encodeWithSelector(IBatches.NotTheBatchsMerchant.selector, batch, OTHER_MERCHANT));
        by(OTHER_MERCHANT);
        escrow.refundBatch(batch, allOf(300), amountsOf(300), legs, "");

        suspended(MERCHANT);
        refusesInactive(MERCHANT);
        refund(allOf(300), amountsOf(300));
    }

    function test_refusesABatchThatIsUnknownOrNotPaid() public {
        bytes memory legs = packed(usualLegs());
        refuses(abi.encodeWithSelector(IBatches.UnknownBatch.selector, bytes32("other")));
        by(MERCHANT);
        escrow.refundBatch("other", allOf(2), amountsOf(2), legs, "");

        by(MERCHANT);
        bytes32 unpaid = escrow.placeBatch(batchTerms(2, rule));
        refuses(abi.encodeWithSelector(IBatches.BatchIsNotPaid.selector, unpaid));
        by(MERCHANT);
        escrow.refundBatch(unpaid, allOf(2), amountsOf(2), legs, "");
    }

    function test_refusesOtherLegs() public {
        bytes memory others = packed(legsOf(residualLeg(CARRIER)));
        refuses(abi.encodeWithSelector(IRules.LegsMismatch.selector, keccak256(packed(usualLegs())), keccak256(others)));
        by(MERCHANT);
        escrow.refundBatch(batch, allOf(300), amountsOf(300), others, "");
    }

    function test_refusesMarksThatDoNotFitChunksAndOtherAmounts() public {
        uint256[] memory marked = allOf(300);
        marked[1] |= 1 << 44;
        refuses(abi.encodeWithSelector(IBatches.BadMarks.selector, batch));
        refund(marked, amountsOf(300));
        refuses(abi.encodeWithSelector(IBatches.BadMarks.selector, batch));
        refund(allOf(256), amountsOf(300));

        refusesChunks(batch, 900, 899);
        refund(allOf(300), part(amountsOf(300), 0, 899));
        refusesChunks(batch, 900, 901);
        refund(allOf(300), abi.encodePacked(amountsOf(300), uint8(0)));

        bytes memory others = amountsOf(300);
        others[899] ^= 0x01;
        refusesAmounts(batch, rootOf(amountsOf(300)), rootOf(others));
        refund(allOf(300), others);
        assertMarks(batch, 0, 0, 0);
        vm.assertEq(credit.toShoppersFen(), 0);
    }

    // --- refunded ---

    function test_fromEscrowWhatIsNotSettled() public {
        uint256[] memory some = someOf(1, 300);
        vm.expectEmit(address(escrow));
        emit IBatches.BatchRefunded(batch, some, "wilted");
        refundedOf(batch, some, 300, usualLegs());

        vm.assertEq(credit.toShoppersFen(), sumOfMarked(some));
        vm.assertEq(credit.heldFen(address(escrow)), batchTerms(300, rule).totalFen - sumOfMarked(some));
        assertMarks(batch, 1, 0, some[1]);
    }

    function test_fromThePayeesWhatIsSettledAndFromEscrowTheRest() public {
        uint256[] memory settled = someOf(3, 300);
        settledOf(batch, settled, 300, usualLegs());
        credit.collect(CREATOR);
        credit.collect(PLATFORM);
        uint256[] memory gone = someOf(5, 300);
        refundedOf(batch, gone, 300, usualLegs());

        uint256[] memory left = allOf(300);
        (left[0], left[1]) = (settled[0] & ~gone[0], settled[1] & ~gone[1]);
        assertUsual(splitOf(standardAmounts(300), left, usualLegs()));
        vm.assertEq(credit.toShoppersFen(), sumOfMarked(gone));
        vm.assertEq(credit.dueFen(), 0);
        vm.assertEq(credit.supplyFen(), batchTerms(300, rule).totalFen);
    }

    function test_allOfASettledBatchLeavesEveryLegWithNothing() public {
        settledOf(batch, allOf(300), 300, usualLegs());
        credit.collect(MERCHANT);
        refundedOf(batch, allOf(300), 300, usualLegs());

        assertUsual(new uint64[](4));
        vm.assertEq(credit.heldFen(address(escrow)), 0);
        vm.assertEq(credit.toShoppersFen(), batchTerms(300, rule).totalFen);
    }

    function test_aRepeatAndWhatWasTakenOutArePassedOver() public {
        refundedOf(batch, oneOf(300, 7), 300, usualLegs());
        takenOut(batch, oneOf(300, 299), 300);
        vm.recordLogs();
        refundedOf(batch, oneOf(300, 7), 300, usualLegs());
        refundedOf(batch, oneOf(300, 299), 300, usualLegs());
        assertNoLogs();
        vm.assertEq(credit.toShoppersFen(), amountAt(7));

        uint256[] memory newOnes = oneOf(300, 8);
        vm.expectEmit(address(escrow));
        emit IBatches.BatchRefunded(batch, newOnes, "wilted");
        refundedOf(batch, both(oneOf(300, 7), newOnes), 300, usualLegs());
        vm.assertEq(credit.toShoppersFen(), amountAt(7) + amountAt(8));
    }
}
