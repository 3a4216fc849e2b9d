// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICampaigns} from "../../src/interfaces/ICampaigns.sol";
import {ICredit} from "../../src/interfaces/ICredit.sol";
import {CampaignWorld} from "./CampaignWorld.sol";

contract SettleUpTest is CampaignWorld {
    function all() private returns (uint32[] memory) {
        return three(opened("c", coupon(1_000)), opened("t", threshold(10_000)), opened("s", commission(1_000)));
    }

    function test_refusesOrdersThatAreNotPromotedOrNotPaid() public {
        bytes32 order = placedUnder("A1", 5_000, one(opened("c", coupon(1_000))));
        refuses(abi.encodeWithSelector(ICampaigns.NotPromoted.selector, order));
        campaigns.settleUp(order);
        bytes32 plain = aPaidOrder("A2", 5_000, rule);
        refuses(abi.encodeWithSelector(ICampaigns.NotPromoted.selector, plain));
        campaigns.settleUp(plain);
    }

    function test_paysTheCommissionOnceAfterTheSettlement() public {
        uint32[] memory under = all();
        bytes32 order = paidUnder("A1", 45_000, under);
        campaigns.settleUp(order);
        vm.assertEq(credit.availableFen(CREATOR), 0);
        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(saleLegs()));
        vm.prank(stranger);
        campaigns.settleUp(order);
        campaigns.settleUp(order);
        vm.assertEq(credit.availableFen(CREATOR), 430);
        vm.assertEq(freeFen(under[2]), 1_000 - 430);
        refunded(order, 1, 43_001, packed(saleLegs()));
        campaigns.settleUp(order);
        vm.assertEq(credit.availableFen(CREATOR), 430);
        assertSupply();
    }

    function test_aCommissionIsForWhatRemains() public {
        uint32[] memory under = all();
        bytes32 order = settledUnder("A1", 45_000, under);
        refunded(order, 1, 13_001, packed(saleLegs()));
        campaigns.settleUp(order);
        vm.assertEq(credit.availableFen(CREATOR), 300);
        vm.assertEq(freeFen(under[2]), 1_000 - 300);
    }

    /// @notice Whatever the order and size of refunds, and however often it is settled up between, all end with the same.
    function test_refundsInAnyOrderAgree(uint64 seed) public {
        uint32[] memory under = all();
        bytes32 order = paidUnder("A1", 45_000, under);
        uint64 before = credit.availableFen(PLATFORM);
        uint64 refundedFen = 0;
        for (uint8 number = 1; number <= 5; ++number) {
            seed = uint64(uint256(keccak256(abi.encode(seed))));
            uint64 fen = 1 + seed % 8_000;
            refundedFen += fen;
            refunded(order, number, fen, "");
            if (seed >> 32 & 1 == 1) campaigns.settleUp(order);
        }
        campaigns.settleUp(order);
        uint64 shopperFen = uint64(uint256(refundedFen) * 38_970 / 43_001);
        vm.assertEq(credit.toShoppersFen(), shopperFen);
        vm.assertEq(credit.availableFen(PLATFORM) - before, refundedFen - shopperFen);
        refunded(order, 6, 43_001 - refundedFen, "");
        campaigns.settleUp(order);
        vm.assertEq(credit.toShoppersFen(), 38_970);
        vm.assertEq(credit.availableFen(PLATFORM) - before, 4_031);
        vm.assertEq(freeFen(under[2]), 1_000);
        vm.assertEq(credit.availableFen(CREATOR), 0);
        assertSupply();
    }

    function test_sponsorsWaitWhileAnythingIsDueToShoppers() public {
        bytes32 order = settledUnder("A1", 5_000, one(opened("c", coupon(1_000))));
        by(MERCHANT);
        credit.transfer(CREATOR, 4_950, "");
        refunded(order, 1, 5_000, packed(saleLegs()));
        refuses(abi.encodeWithSelector(ICredit.ShoppersFirst.selector, 4_950));
        campaigns.settleUp(order);
        by(CREATOR);
        credit.transfer(MERCHANT, 4_950, "");
        credit.collect(MERCHANT);
        campaigns.settleUp(order);
        vm.assertEq(credit.toShoppersFen(), 4_970);
        assertSupply();
    }
}
