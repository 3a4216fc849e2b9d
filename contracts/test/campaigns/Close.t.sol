// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICampaigns} from "../../src/interfaces/ICampaigns.sol";
import {IEarnings} from "../../src/interfaces/ICredit.sol";
import {CampaignWorld} from "./CampaignWorld.sol";

contract CloseTest is CampaignWorld {
    function test_refusesAnEarlyCloseAndAnUnknownOne() public {
        uint32 campaign = opened("c", coupon(1_000));
        vm.warp(NOW + 1 days - 1);
        refuses(abi.encodeWithSelector(ICampaigns.CampaignHasNotEnded.selector, campaign, NOW + 1 days));
        by(PLATFORM);
        campaigns.close(campaign);
        refuses(abi.encodeWithSelector(ICampaigns.UnknownCampaign.selector, 9));
        campaigns.close(9);
    }

    function test_returnsWhatIsNeitherSpentNorReservedOnce() public {
        uint32 campaign = opened("c", coupon(1_000));
        settledUnder("A1", 5_000, one(campaign));
        bytes32 waiting = placedUnder("A2", 5_000, one(campaign));
        vm.warp(NOW + 1 days);
        vm.expectEmit(address(campaigns));
        emit ICampaigns.CampaignClosed(campaign, 940);
        vm.prank(stranger);
        campaigns.close(campaign);
        campaigns.close(campaign);
        vm.assertEq(credit.availableFen(PLATFORM), WEALTH - 1_000 + 50 + 940);
        campaigns.release(waiting);
        campaigns.close(campaign);
        vm.assertEq(credit.availableFen(PLATFORM), WEALTH - 1_000 + 50 + 970);
        credit.collect(PLATFORM);
        vm.assertEq(credit.collectedFen(PLATFORM), WEALTH - 1_000 + 50 + 970);
        assertSupply();
    }

    function test_onlyCreditCollects() public {
        refuses(abi.encodeWithSelector(IEarnings.NotCredit.selector, stranger));
        vm.prank(stranger);
        campaigns.giveEarned(PLATFORM);
    }
}
