// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {CampaignTerms, ICampaigns} from "../../src/interfaces/ICampaigns.sol";
import {IEscrow, IPromotedOrders} from "../../src/interfaces/IEscrow.sol";
import {CampaignWorld} from "./CampaignWorld.sol";

contract PlaceTest is CampaignWorld {
    function refusesPlace(bytes memory why, uint64 listFen, uint32[] memory under) private {
        ICampaigns.PromotedTerms[] memory list = promoted("A1", listFen, under);
        refuses(why);
        by(MERCHANT);
        campaigns.place(list);
    }

    /// @dev 45,000: coupon 30 leaves 44,970; two full 200 take 60 yuan, of which the sponsor bears 4,001 fen; 38,970 remain.
    function test_stacksInRankOrderAndSaysWhoBearsWhat() public {
        uint32[] memory all =
            three(opened("c", coupon(1_000)), opened("t", threshold(10_000)), opened("s", commission(1_000)));
        bytes32 order = placedUnder("A1", 45_000, all);
        vm.assertEq(campaigns.shopperFenOf(order), 38_970);
        vm.assertEq(escrow.amountOf(order), 38_970 + 30 + 4_001);
        vm.assertEq(freeFen(all[0]), 1_000 - 30);
        vm.assertEq(freeFen(all[1]), 10_000 - 4_001);
        vm.assertEq(freeFen(all[2]), 1_000 - 430); // 1 % of 43,001
    }

    function test_passesOverARepeatAndRefusesAnotherPrice() public {
        uint32[] memory under = one(opened("c", coupon(1_000)));
        placedUnder("A1", 5_000, under);
        bytes32 order = placedUnder("A1", 5_000, under);
        vm.assertEq(freeFen(under[0]), 970);
        refusesPlace(abi.encodeWithSelector(ICampaigns.PriceExists.selector, order), 5_001, under);
        refusesPlace(abi.encodeWithSelector(ICampaigns.PriceExists.selector, order), 5_000, one(2));
        refusesPlace(abi.encodeWithSelector(ICampaigns.PriceExists.selector, order), 5_000, three(1, 2, 3));
    }

    /// @notice A clerk can type no price: the promoted order takes only what is reckoned, nobody else may give Escrow one, and
    ///         under the order's number no plain one is placed.
    function test_aClerkTypesNoOtherPrice() public {
        uint32[] memory under = one(opened("c", coupon(1_000)));
        bytes32 order = placedUnder("A1", 5_000, under);
        IEscrow.OrderTerms[] memory list = new IEscrow.OrderTerms[](1);
        list[0] = terms("A1", 4_000, rule);
        refuses(abi.encodeWithSelector(IPromotedOrders.NotCampaigns.selector, accountOf(MERCHANT)));
        by(MERCHANT);
        escrow.placeFor(MERCHANT, list);
        list[0] = terms("A1", 5_000, rule);
        refuses(abi.encodeWithSelector(IEscrow.OrderExists.selector, order));
        by(MERCHANT);
        escrow.place(list);
        refuses(abi.encodeWithSelector(IEscrow.WrongPayment.selector, order, 4_970, 4_969));
        by(BANK);
        escrow.pay(payment(order, 4_969));
        refuses(abi.encodeWithSelector(IEscrow.WrongPayment.selector, order, 4_970, 5_000));
        by(BANK);
        escrow.pay(payment(order, 5_000));
    }

    function test_refusesANumberThatAPlainOrderHas() public {
        bytes32 order = placed(terms("A1", 5_000, rule));
        uint32[] memory under = one(opened("c", coupon(1_000)));
        refusesPlace(abi.encodeWithSelector(IEscrow.OrderExists.selector, order), 5_000, under);
        vm.assertEq(freeFen(under[0]), 1_000);
    }

    /// @notice The last fen of a budget: of two orders in the same block the second is refused, and what the first shopper
    ///         was told stands, whoever pays sooner.
    function test_theLastOfABudgetGoesToOneOrder() public {
        uint32[] memory under = one(opened("c", coupon(59)));
        bytes32 first = placedUnder("A1", 5_000, under);
        ICampaigns.PromotedTerms[] memory list = promoted("A2", 5_000, under);
        refuses(abi.encodeWithSelector(ICampaigns.BudgetExhausted.selector, under[0], 29, 30));
        by(MERCHANT);
        campaigns.place(list);
        by(BANK);
        escrow.pay(payment(first, 4_970));
        vm.assertEq(freeFen(under[0]), 29);
        assertSupply();
    }

    function test_refusesBadStacks() public {
        uint32 a = opened("a", coupon(1_000));
        uint32 b = opened("b", coupon(1_000));
        uint32 c = opened("c", threshold(10_000));
        bytes4 stack = ICampaigns.BadStack.selector;
        refusesPlace(abi.encodeWithSelector(stack, b, 1), 45_000, three(a, b, c));
        refusesPlace(abi.encodeWithSelector(stack, a, 1), 45_000, three(a, a, c));
        refusesPlace(abi.encodeWithSelector(stack, a, 1), 45_000, three(c, a, b));
        refusesPlace(abi.encodeWithSelector(ICampaigns.CampaignCount.selector, 0, 8), 45_000, new uint32[](0));
        refusesPlace(abi.encodeWithSelector(ICampaigns.CampaignCount.selector, 9, 8), 45_000, new uint32[](9));
        refusesPlace(abi.encodeWithSelector(ICampaigns.UnknownCampaign.selector, 9), 45_000, one(9));
        refusesPlace(abi.encodeWithSelector(ICampaigns.NothingOff.selector, c, 19_999), 19_999, one(c));
        refusesPlace(abi.encodeWithSelector(IEscrow.BadAmount.selector, "A1", 9e14 + 1), 9e14 + 1, one(a));
    }

    function test_refusesBeforeItsStartAfterItsEndAndOtherRules() public {
        CampaignTerms memory later = coupon(1_000);
        later.starts = uint40(NOW + 10);
        uint32 a = opened("a", later);
        bytes4 running = ICampaigns.CampaignNotRunning.selector;
        refusesPlace(abi.encodeWithSelector(running, a, NOW + 10, NOW + 1 days), 5_000, one(a));
        by(PLATFORM);
        uint32 b = campaigns.open("b", coupon(1_000), one(rule + 1));
        refusesPlace(abi.encodeWithSelector(ICampaigns.RuleNotServed.selector, b, rule), 5_000, one(b));
        by(PLATFORM);
        uint32 c = campaigns.open("c", coupon(1_000), one(rule));
        placedUnder("A2", 5_000, one(c));
        vm.warp(NOW + 1 days);
        refusesPlace(abi.encodeWithSelector(running, a, NOW + 10, NOW + 1 days), 5_000, one(a));
    }

    function test_refusesAnyoneButAMerchant() public {
        ICampaigns.PromotedTerms[] memory list = promoted("A1", 5_000, one(opened("c", coupon(1_000))));
        refusesNotMember(stranger);
        vm.prank(stranger);
        campaigns.place(list);
    }

    function test_oneFenRemainsAndACapHolds() public view {
        CampaignTerms memory terms_ = coupon(50_000);
        (terms_.valueFen, terms_.bps, terms_.capFen) = (0, 10_000, 700);
        (uint64 offFen, uint64 sponsorFen,) = campaigns.discount(terms_, 500, 0);
        vm.assertEq(offFen, 499);
        vm.assertEq(sponsorFen, 499);
        (offFen,,) = campaigns.discount(terms_, 1_000, 0);
        vm.assertEq(offFen, 700);
        terms_ = commission(1_000);
        terms_.capFen = 5;
        (,, uint64 commissionFen) = campaigns.discount(terms_, 0, 1_000);
        vm.assertEq(commissionFen, 5);
        (offFen,, commissionFen) = campaigns.discount(terms_, 1_000, 0);
        vm.assertEq(offFen + commissionFen, 0);
    }
}
