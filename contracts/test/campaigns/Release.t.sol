// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICampaigns} from "../../src/interfaces/ICampaigns.sol";
import {CampaignWorld} from "./CampaignWorld.sol";

contract ReleaseTest is CampaignWorld {
    function test_refusesUntilItHasLapsedAndForPaidOnes() public {
        uint32 campaign = opened("c", coupon(1_000));
        refuses(abi.encodeWithSelector(ICampaigns.NotPromoted.selector, bytes32(0)));
        campaigns.release(0);
        bytes32 order = placedUnder("A1", 5_000, one(campaign));
        vm.warp(NOW + 1 hours);
        refuses(abi.encodeWithSelector(ICampaigns.ReservationHolds.selector, order, NOW + 1 hours));
        campaigns.release(order);
        by(BANK);
        escrow.pay(payment(order, 4_970));
        vm.warp(NOW + 2 hours);
        refuses(abi.encodeWithSelector(ICampaigns.ReservationHolds.selector, order, NOW + 1 hours));
        campaigns.release(order);
    }

    function test_freesItOnceHoweverOftenItIsReplayed() public {
        uint32 campaign = opened("c", coupon(1_000));
        bytes32 order = placedUnder("A1", 5_000, one(campaign));
        placedUnder("A2", 5_000, one(campaign));
        vm.warp(NOW + 1 hours + 1);
        vm.expectEmit(address(campaigns));
        emit ICampaigns.ReservationReleased(order);
        vm.prank(stranger);
        campaigns.release(order);
        campaigns.release(order);
        vm.assertEq(freeFen(campaign), 970);
    }
}
