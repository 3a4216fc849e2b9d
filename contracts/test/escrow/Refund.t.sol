// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IEscrow, OrderState} from "../../src/interfaces/IEscrow.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {IRules, Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

contract RefundTest is World {
    uint32 internal rule;
    bytes32 internal order;

    function setUp() public override {
        super.setUp();
        rule = aRuleInForce(usualLegs());
        order = aPaidOrder("1", 1000, rule);
    }

    function assertRefunds(bytes32 id, uint64 refundedFen, uint8 refunds) internal view {
        (uint64 actualFen, uint8 actual) = escrow.refundsOf(id);
        vm.assertEq(actualFen, refundedFen, "refunded");
        vm.assertEq(actual, refunds, "refunds");
    }

    /// @dev What each payee of the usual legs has is what the rule gives for so much.
    function assertHeldFor(uint64 restFen) internal view {
        uint64[] memory fen = allocated(restFen, usualLegs());
        assertBalance(PLATFORM, fen[0], 0);
        assertBalance(CREATOR, fen[1], 0);
        assertBalance(CARRIER, fen[2], 0);
        assertBalance(MERCHANT, fen[3], 0);
    }

    // --- refused ---

    function test_refusesAnyoneButTheOrdersMerchant() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        escrow.refund(refundOf(order, 1, 100), "");

        refusesRole(BANK, Role.MERCHANT);
        by(BANK);
        escrow.refund(refundOf(order, 1, 100), "");

        refuses(abi.encodeWithSelector(IEscrow.NotTheOrdersMerchant.selector, order, OTHER_MERCHANT));
        by(OTHER_MERCHANT);
        escrow.refund(refundOf(order, 1, 100), "");

        suspended(MERCHANT);
        refusesInactive(MERCHANT);
        by(MERCHANT);
        escrow.refund(refundOf(order, 1, 100), "");
    }

    function test_refusesAnUnknownOrder() public {
        refuses(abi.encodeWithSelector(IEscrow.UnknownOrder.selector, bytes32("other")));
        refunded("other", 1, 100, "");
    }

    function test_refusesAnOrderThatIsNotPaid() public {
        bytes32 unpaid = placed(terms("2", 1000, rule));
        refuses(abi.encodeWithSelector(IEscrow.WrongState.selector, unpaid, OrderState.Paid, OrderState.Placed));
        refunded(unpaid, 1, 100, "");
    }

    function test_refusesANumberThatIsNotTheNext() public {
        refuses(abi.encodeWithSelector(IEscrow.RefundOutOfOrder.selector, order, 1, 0));
        refunded(order, 0, 100, "");
        refuses(abi.encodeWithSelector(IEscrow.RefundOutOfOrder.selector, order, 1, 2));
        refunded(order, 2, 100, "");

        refunded(order, 1, 100, "");
        refuses(abi.encodeWithSelector(IEscrow.RefundOutOfOrder.selector, order, 2, 3));
        refunded(order, 3, 100, "");
    }

    function test_refusesNothing() public {
        refuses(abi.encodeWithSelector(IEscrow.BadRefund.selector, order));
        refunded(order, 1, 0, "");
    }

    function test_refusesMoreThanRemains() public {
        refuses(abi.encodeWithSelector(IEscrow.RefundExceedsRest.selector, order, 1000, 1001));
        refunded(order, 1, 1001, "");

        refunded(order, 1, 400, "");
        refuses(abi.encodeWithSelector(IEscrow.RefundExceedsRest.selector, order, 600, 601));
        refunded(order, 2, 601, "");

        refunded(order, 2, 600, "");
        refuses(abi.encodeWithSelector(IEscrow.RefundExceedsRest.selector, order, 0, 1));
        refunded(order, 3, 1, "");
    }

    function test_refusesLegsThatAreNotThoseOfASettledOrder() public {
        bytes32 settled = aSettledOrder("2", 1000, rule, usualLegs());
        bytes memory others = packed(legsOf(residualLeg(CREATOR)));
        refuses(abi.encodeWithSelector(IRules.LegsMismatch.selector, keccak256(packed(usualLegs())), keccak256(others)));
        refunded(settled, 1, 100, others);

        refuses(abi.encodeWithSelector(IRules.LegsMismatch.selector, keccak256(packed(usualLegs())), keccak256("")));
        refunded(settled, 1, 100, "");
    }

    function test_allOrNone() public {
        IEscrow.Refund[] memory list = new IEscrow.Refund[](2);
        list[0] = refundOf(order, 1, 100)[0];
        list[1] = refundOf(order, 2, 901)[0];
        refuses(abi.encodeWithSelector(IEscrow.RefundExceedsRest.selector, order, 900, 901));
        by(MERCHANT);
        escrow.refund(list, "");

        assertRefunds(order, 0, 0);
        vm.assertEq(credit.toShoppersFen(), 0);
    }

    // --- from escrow ---

    function test_inPartFromEscrowAndTheRestIsSplit() public {
        vm.expectEmit(address(escrow));
        emit IEscrow.OrderRefunded(order, 1, 100, 100, false, "one wilted");
        refunded(order, 1, 100, "");

        assertRefunds(order, 100, 1);
        assertState(order, OrderState.Paid);
        vm.assertEq(credit.toShoppersFen(), 100);
        vm.assertEq(credit.escrowedFen(), 900);
        vm.assertEq(credit.supplyFen(), 1000);

        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(usualLegs()));
        assertHeldFor(900);
    }

    function test_inFullFromEscrowAndNothingIsLeftToSettle() public {
        by(CARRIER);
        escrow.deliver(only(order), "checkpoint");
        refunded(order, 1, 1000, "");

        assertState(order, OrderState.Refunded);
        vm.assertEq(credit.escrowedFen(), 0);
        refuses(abi.encodeWithSelector(IEscrow.WrongState.selector, order, OrderState.Delivered, OrderState.Refunded));
        escrow.settle(only(order), packed(usualLegs()));

        vm.recordLogs();
        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(usualLegs()));
        assertNoLogs();
    }

    function test_aRepeatChangesNothing() public {
        refunded(order, 1, 100, "");

        vm.recordLogs();
        refunded(order, 1, 100, "");
        assertNoLogs();
        assertRefunds(order, 100, 1);
        vm.assertEq(credit.toShoppersFen(), 100);
    }

    function test_theSameOrderTwiceInOneCall() public {
        IEscrow.Refund[] memory list = new IEscrow.Refund[](3);
        list[0] = refundOf(order, 1, 100)[0];
        list[1] = refundOf(order, 2, 200)[0];
        list[2] = list[1];
        by(MERCHANT);
        escrow.refund(list, "");

        assertRefunds(order, 300, 2);
        vm.assertEq(credit.toShoppersFen(), 300);
    }

    function test_aSettledOrderTwiceInOneCallAmongOneInEscrow() public {
        bytes32 settled = aSettledOrder("2", 1000, rule, usualLegs());
        IEscrow.Refund[] memory list = new IEscrow.Refund[](3);
        list[0] = refundOf(settled, 1, 333)[0];
        list[1] = refundOf(order, 1, 50)[0];
        list[2] = refundOf(settled, 2, 334)[0];
        by(MERCHANT);
        escrow.refund(list, packed(usualLegs()));

        assertHeldFor(333);
        vm.assertEq(credit.toShoppersFen(), 717);
        vm.assertEq(credit.heldFen(address(escrow)), 950 + 333);
    }

    function test_anOrderHas255Refunds() public {
        for (uint256 i = 1; i < 256; ++i) {
            refunded(order, uint8(i), 1, "");
        }
        assertRefunds(order, 255, 255);
        vm.recordLogs();
        refunded(order, 255, 1, "");
        assertNoLogs();
        refuses(abi.encodeWithSelector(IEscrow.RefundOutOfOrder.selector, order, 0, 0));
        refunded(order, 0, 1, "");
    }

    function test_alsoWhenThePayeesAndTheShoppersMerchantAreFrozen() public {
        bytes32 settled = aSettledOrder("2", 1000, rule, usualLegs());
        credit.collect(CREATOR);
        frozen(CREATOR);
        refunded(settled, 1, 500, packed(usualLegs()));
        assertHeldFor(500);
    }

    // --- from the payees ---

    function test_eachLegOfASettledOrderKeepsWhatTheRuleGivesForTheRest() public {
        bytes32 settled = aSettledOrder("2", 10_000, rule, usualLegs());
        assertHeldFor(10_000);

        vm.expectEmit(address(escrow));
        emit IEscrow.OrderRefunded(settled, 1, 5500, 5500, true, "one wilted");
        refunded(settled, 1, 5500, packed(usualLegs()));

        assertHeldFor(4500); // below the cap of the carrier's share
        assertState(settled, OrderState.Settled);
        vm.assertEq(credit.toShoppersFen(), 5500);
        vm.assertEq(credit.dueFen(), 0);
    }

    function test_afterTheyCollectedItIsTakenFromWhatTheyHave() public {
        bytes32 settled = aSettledOrder("2", 10_000, rule, usualLegs());
        credit.collect(CREATOR);
        credit.collect(MERCHANT);

        refunded(settled, 1, 5500, packed(usualLegs()));

        assertHeldFor(4500);
        vm.assertEq(credit.collectedFen(CREATOR), 900);
        vm.assertEq(escrow.earnedFen(CREATOR), 0);
        vm.assertEq(credit.toShoppersFen(), 5500);
        vm.assertEq(credit.supplyFen(), 11_000);
    }

    function test_whatIsNotCollectedIsTakenBeforeWhatIs() public {
        bytes32 settled = aSettledOrder("2", 1000, rule, usualLegs());
        credit.collect(CREATOR); // 200
        aSettledOrder("3", 500, rule, usualLegs()); // 100, not collected

        refunded(settled, 1, 750, packed(usualLegs())); // 150 of the creator

        vm.assertEq(escrow.earnedFen(CREATOR), 0);
        vm.assertEq(credit.collectedFen(CREATOR), 150);
    }

    function test_inFullEveryLegIsLeftWithNothing() public {
        bytes32 settled = aSettledOrder("2", 777, rule, usualLegs());
        credit.collect(CARRIER);
        refunded(settled, 1, 777, packed(usualLegs()));

        assertHeldFor(0);
        assertState(settled, OrderState.Refunded);
        vm.assertEq(credit.toShoppersFen(), 777);
        refuses(abi.encodeWithSelector(IEscrow.WrongState.selector, settled, OrderState.Delivered, OrderState.Refunded));
        escrow.settle(only(settled), packed(usualLegs()));
    }

    function test_aResidualMayGrow() public {
        // Of 100 fen each share takes 33 and the residual 1; of 99 two of them take 32, and the residual 2.
        Leg[] memory legs = legsOf(
            shareLeg(CREATOR, 3334, 0), shareLeg(CARRIER, 3333, 0), shareLeg(PLATFORM, 3333, 0), residualLeg(MERCHANT)
        );
        bytes32 settled = aSettledOrder("2", 100, aRuleInForce(legs), legs);
        uint64 before = credit.availableFen(MERCHANT);
        refunded(settled, 1, 1, packed(legs));

        uint64[] memory fen = allocated(99, legs);
        vm.assertTrue(fen[3] > before, "it grows");
        assertBalance(MERCHANT, fen[3], 0);
        assertBalance(CREATOR, fen[0], 0);
        assertBalance(CARRIER, fen[1], 0);
        vm.assertEq(credit.toShoppersFen(), 1);
        vm.assertEq(credit.heldFen(address(escrow)), 1000 + 99);
    }

    function test_aResidualMayGrowAlsoWhenTheOthersHaveCollected() public {
        Leg[] memory legs = legsOf(
            shareLeg(CREATOR, 3334, 0), shareLeg(CARRIER, 3333, 0), shareLeg(PLATFORM, 3333, 0), residualLeg(MERCHANT)
        );
        bytes32 settled = aSettledOrder("2", 100, aRuleInForce(legs), legs);
        credit.collect(CREATOR);
        credit.collect(CARRIER);
        credit.collect(PLATFORM);
        refunded(settled, 1, 1, packed(legs));

        uint64[] memory fen = allocated(99, legs);
        assertBalance(MERCHANT, fen[3], 0);
        assertBalance(PLATFORM, fen[2], 0);
        vm.assertEq(credit.toShoppersFen(), 1);
        credit.collect(MERCHANT); // the escrow contract holds what it owes
        vm.assertEq(credit.heldFen(address(escrow)), 1000);
    }

    /// @notice Any sequence of refunds, with the payees collecting in between, leaves each leg with what the rule gives for
    ///         the rest, and the shopper with what was refunded.
    function testFuzz_theLegsDependOnTheRestAlone(uint256 seed, uint64 amountFen, uint8 settledAfter) public {
        Leg[] memory legs = legsOf(
            shareLeg(CREATOR, 3334, 0),
            flooredLeg(CARRIER, 1111, 5000, 7),
            fixedLeg(PLATFORM, 50),
            residualLeg(MERCHANT)
        );
        amountFen = 57 + amountFen % uint64(10 ** (1 + seed % 14));
        bytes32 id = aDeliveredOrder("2", amountFen, aRuleInForce(legs));
        uint64 restFen = amountFen;
        bool settled = false;
        for (uint8 number = 1; restFen > 0 && number < 12; ++number) {
            uint256 roll = uint256(keccak256(abi.encode(seed, number)));
            if (!settled && number > settledAfter % 6) {
                escrow.settle(only(id), packed(legs));
                settled = true;
            }
            if (roll % 3 == 0) credit.collect(1 + uint32(roll >> 8) % PLATFORM);
            uint64 partFen = roll % 7 == 0 ? restFen : uint64(1 + (roll >> 16) % (1 + restFen / 2));
            refunded(id, number, partFen, settled ? packed(legs) : bytes(""));
            restFen -= partFen;
        }
        if (!settled && restFen > 0) escrow.settle(only(id), packed(legs));

        uint64[] memory fen = allocated(restFen, legs);
        assertBalance(CREATOR, fen[0], 0);
        assertBalance(CARRIER, fen[1], 0);
        assertBalance(PLATFORM, fen[2], 0);
        assertBalance(MERCHANT, fen[3], 0);
        vm.assertEq(credit.toShoppersFen(), amountFen - restFen, "to shoppers");
        vm.assertEq(credit.dueFen(), 0, "due");
        vm.assertEq(credit.supplyFen(), 1000 + uint256(amountFen), "supply");
    }
}
