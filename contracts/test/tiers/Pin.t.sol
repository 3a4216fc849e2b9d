// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {IRules, Leg} from "../../src/interfaces/IRules.sol";
import {ITiers} from "../../src/interfaces/ITiers.sol";
import {TiersWorld} from "./TiersWorld.sol";

contract PinTest is TiersWorld {
    uint64 internal constant MONTH = 31 days;

    function tierOf(uint8 first) internal pure returns (uint8[] memory list) {
        list = new uint8[](1);
        list[0] = first;
    }

    /// @dev The creator's share and the merchant's rest, in each tier.
    function resolved(uint64 bps, uint64 cap) internal pure returns (Leg[] memory) {
        return legsOf(shareLeg(CREATOR, bps, cap), residualLeg(MERCHANT));
    }

    function test_refusesAllButAnEscrow() public {
        uint32 rule = aRuleInForce(tieredLegs());
        refuses(abi.encodeWithSelector(ITiers.NotAnEscrow.selector, stranger));
        vm.prank(stranger);
        tiers.pin(rule, 1, 1000);
        vm.assertEq(tiers.volumeFen(CREATOR, tiers.monthOf(NOW)), 0);
    }

    function test_aPlainVersionAsksForNothing() public {
        uint32 rule = aRuleInForce(usualLegs());
        aPaidOrder("1", 100_000, rule);
        vm.assertEq(tiers.volumeFen(CREATOR, tiers.monthOf(NOW)), 0);
    }

    function test_withoutVolumeTheShareItselfHolds() public {
        uint32 rule = aRuleInForce(tieredLegs());
        bytes32 order = placed(terms("1", 100_000, rule));
        bytes memory legs = packed(resolved(1000, 0));

        vm.expectEmit(address(tiers));
        emit ITiers.VariantOpened(rule, 1, 1, tierOf(0), new uint32[](0), legs, keccak256(legs));
        vm.expectEmit(address(escrow));
        emit IEscrow.OrderPaid(order, 100_000, rule, 1 + (1 << 16), keccak256(legs), "CMB-1");
        by(BANK);
        escrow.pay(payment(order, 100_000));
    }

    function test_theVolumeOfTheLastClosedMonthDecides() public {
        uint32 rule = aRuleInForce(tieredLegs());
        aPaidOrder("this month", 100_000, rule);
        aPaidOrder("still this month", 900_000, rule);
        vm.assertEq(tiers.volumeFen(CREATOR, tiers.monthOf(NOW)), 1_000_000);

        vm.warp(NOW + MONTH);
        bytes32 order = aDeliveredOrder("next month", 100_000, rule);
        bytes memory legs = packed(resolved(2000, 500));
        escrow.settle(only(order), legs);
        vm.assertEq(escrow.earnedFen(CREATOR), 500);
        vm.assertEq(escrow.earnedFen(MERCHANT), 99_500);

        vm.warp(NOW + 2 * MONTH);
        order = aDeliveredOrder("the month after", 100_000, rule);
        escrow.settle(only(order), packed(resolved(1500, 0)));
        vm.assertEq(escrow.earnedFen(CREATOR), 15_500);
    }

    function test_aTierBeginsWithItsVolume() public {
        uint32 rule = aRuleInForce(tieredLegs());
        aPaidOrder("1", 99_999, rule);
        vm.warp(NOW + MONTH);
        escrow.settle(only(aDeliveredOrder("2", 100_000, rule)), packed(resolved(1000, 0)));
        vm.warp(NOW + 2 * MONTH);
        escrow.settle(only(aDeliveredOrder("3", 100_000, rule)), packed(resolved(1500, 0)));
    }

    function test_anOrderKeepsTheTierThatItWasPaidIn() public {
        uint32 rule = aRuleInForce(tieredLegs());
        bytes32 order = aDeliveredOrder("1", 1_000_000, rule);
        vm.warp(NOW + MONTH);
        aPaidOrder("2", 100_000, rule);

        bytes memory higher = packed(resolved(2000, 500));
        bytes32 own = keccak256(packed(resolved(1000, 0)));
        refuses(abi.encodeWithSelector(IRules.LegsMismatch.selector, own, keccak256(higher)));
        escrow.settle(only(order), higher);

        escrow.settle(only(order), packed(resolved(1000, 0)));
        vm.assertEq(escrow.earnedFen(CREATOR), 100_000);
    }

    function test_refundsDoNotChangeAVolume() public {
        uint32 rule = aRuleInForce(tieredLegs());
        bytes32 order = aSettledOrder("1", 100_000, rule, resolved(1000, 0));
        refunded(order, 1, 100_000, packed(resolved(1000, 0)));
        vm.assertEq(tiers.volumeFen(CREATOR, tiers.monthOf(NOW)), 100_000);
        vm.assertEq(escrow.earnedFen(CREATOR), 0);
    }

    function test_aVariantIsOpenedOnce() public {
        uint32 rule = aRuleInForce(tieredLegs());
        aPaidOrder("1", 100_000, rule);
        bytes32 order = placed(terms("2", 100_000, rule));
        vm.recordLogs();
        by(BANK);
        escrow.pay(payment(order, 100_000));
        vm.assertEq(vm.getRecordedLogs().length, 2, "OrderPaid and CreditMinted");
    }

    function test_aPayeeWithTwoTieredSharesIsCountedOnce() public {
        Leg[] memory legs = legsOf(
            shareLeg(CREATOR, 1000, 0),
            step(CREATOR, 10, 1500, 0),
            shareLeg(CREATOR, 100, 0),
            step(CREATOR, 20, 200, 0),
            residualLeg(MERCHANT)
        );
        uint32 rule = ruleOf(MERCHANT, legs);
        aPaidOrder("1", 15, rule);
        vm.assertEq(tiers.volumeFen(CREATOR, tiers.monthOf(NOW)), 15);

        vm.warp(NOW + MONTH);
        bytes32 order = aDeliveredOrder("2", 1000, rule);
        escrow.settle(
            only(order), packed(legsOf(shareLeg(CREATOR, 1500, 0), shareLeg(CREATOR, 100, 0), residualLeg(MERCHANT)))
        );
        vm.assertEq(escrow.earnedFen(CREATOR), 160);
    }

    function test_aBatchPinsItsTierAndCountsItsTotal() public {
        uint32 rule = aRuleInForce(tieredLegs());
        aPaidOrder("1", 1_000_000, rule);
        vm.warp(NOW + MONTH);
        bytes32 batch = aPaidBatch(40, rule);
        vm.assertEq(escrow.versionOf(batch), 1 + (2 << 16));
        vm.assertEq(tiers.volumeFen(CREATOR, tiers.monthOf(NOW + MONTH)), batchTerms(40, rule).totalFen);

        by(CARRIER);
        escrow.settleBatch(batch, allOf(40), amountsOf(40), "checkpoint", packed(resolved(2000, 500)));
        uint256 expected = 0;
        for (uint256 i = 0; i < 40; ++i) {
            uint256 part = uint256(amountAt(i)) * 2000 / 10_000;
            expected += part < 500 ? part : 500;
        }
        vm.assertEq(escrow.earnedFen(CREATOR), expected);
    }

    function test_aRefusedPaymentCountsForNothing() public {
        Leg[] memory legs = tieredLegs();
        legs[0].floor = 100;
        uint32 rule = aRuleInForce(tieredLegs());
        bytes32 order = placed(terms("1", 99, rule));
        laterVersion(MERCHANT, rule, legs, tieredLegs());

        refuses(abi.encodeWithSelector(IEscrow.PaidBelowMinimum.selector, order, 99, 100));
        by(BANK);
        escrow.pay(payment(order, 99));
        vm.assertEq(tiers.volumeFen(CREATOR, tiers.monthOf(NOW)), 0);
    }

    function test_monthsEndAtMidnightInChina() public view {
        uint256 lastOfFebruary = 1_709_222_399; // 2024-02-29 23:59:59 +08:00
        vm.assertEq(tiers.monthOf(lastOfFebruary), 2024 * 12 - 1);
        vm.assertEq(tiers.monthOf(lastOfFebruary + 1), 2024 * 12);
        uint256 newYear = 1_767_196_800; // 2026-01-01 00:00:00 +08:00
        vm.assertEq(tiers.monthOf(newYear - 1), 2025 * 12 + 9);
        vm.assertEq(tiers.monthOf(newYear), 2025 * 12 + 10);
        vm.assertEq(tiers.monthOf(0), 1969 * 12 + 10);
    }
}
