// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICampaigns} from "../../src/interfaces/ICampaigns.sol";
import {OrderState} from "../../src/interfaces/IEscrow.sol";
import {CampaignWorld} from "./CampaignWorld.sol";

contract PayTest is CampaignWorld {
    function test_onlyEscrowPays() public {
        bytes32 order = placedUnder("A1", 5_000, one(opened("c", coupon(1_000))));
        refuses(abi.encodeWithSelector(ICampaigns.NotEscrowContract.selector, accountOf(PLATFORM)));
        by(PLATFORM);
        campaigns.pay(order);
    }

    function test_theShopperPaysItsPartAndTheSponsorTheRest() public {
        uint32 campaign = opened("c", coupon(1_000));
        bytes32 order = placedUnder("A1", 5_000, one(campaign));
        uint64 supplyFen = credit.supplyFen();
        vm.expectEmit(address(campaigns));
        emit ICampaigns.PromotedOrderPaid(order, 4_970, 30);
        by(BANK);
        escrow.pay(payment(order, 4_970));
        assertState(order, OrderState.Paid);
        vm.assertEq(credit.supplyFen(), supplyFen + 4_970);
        by(BANK);
        escrow.pay(payment(order, 4_970));
        vm.assertEq(credit.supplyFen(), supplyFen + 4_970);
        (,, uint64 spentFen, uint64 reservedFen,) = campaigns.budgetOf(campaign);
        vm.assertEq(spentFen, 30);
        vm.assertEq(reservedFen, 0);
        assertSupply();
    }

    function test_settlesTheWholeAmount() public {
        settledUnder("A1", 5_000, one(opened("c", coupon(1_000))));
        vm.assertEq(credit.availableFen(MERCHANT), 5_000 - 50);
        assertSupply();
    }

    function test_aReleasedOneReservesAgainWhileThereIsABudget() public {
        uint32 campaign = opened("c", coupon(59));
        bytes32 late = placedUnder("A1", 5_000, one(campaign));
        vm.warp(NOW + 1 hours + 1);
        campaigns.release(late);
        bytes32 other = placedUnder("A2", 5_000, one(campaign));
        refuses(abi.encodeWithSelector(ICampaigns.BudgetExhausted.selector, campaign, 29, 30));
        by(BANK);
        escrow.pay(payment(late, 4_970));
        vm.warp(NOW + 2 hours + 2);
        campaigns.release(other);
        by(BANK);
        escrow.pay(payment(late, 4_970));
        vm.assertEq(freeFen(campaign), 29);
        vm.warp(NOW + 1 days);
        refuses(abi.encodeWithSelector(ICampaigns.CampaignNotRunning.selector, campaign, NOW, NOW + 1 days));
        by(BANK);
        escrow.pay(payment(other, 4_970));
        assertSupply();
    }
}
