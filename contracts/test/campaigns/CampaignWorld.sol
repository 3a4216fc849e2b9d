// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {CampaignKind, CampaignTerms, ICampaigns} from "../../src/interfaces/ICampaigns.sol";
import {Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

/// @notice The platform sponsors, with 1,000 yuan of its own; the merchant sells under a rule that leaves it everything but the
///         platform's 50 fen.
abstract contract CampaignWorld is World {
    uint64 internal constant WEALTH = 100_000;

    uint32 internal rule;

    function setUp() public virtual override {
        super.setUp();
        Leg[] memory legs = legsOf(residualLeg(PLATFORM));
        aSettledOrder("wealth", WEALTH, aRuleInForce(legs), legs);
        rule = aRuleInForce(saleLegs());
    }

    function saleLegs() internal pure returns (Leg[] memory) {
        return legsOf(fixedLeg(PLATFORM, 50), residualLeg(MERCHANT));
    }

    /// @dev 30 off whatever the price, borne by the sponsor.
    function coupon(uint64 budgetFen) internal pure returns (CampaignTerms memory) {
        return CampaignTerms({
            kind: CampaignKind.Coupon,
            rank: 1,
            repeats: false,
            sponsorBps: 10_000,
            bps: 0,
            valueFen: 30,
            thresholdFen: 0,
            capFen: 0,
            budgetFen: budgetFen,
            payee: 0,
            holdSeconds: 1 hours,
            starts: uint40(NOW),
            ends: uint40(NOW + 1 days)
        });
    }

    /// @dev 200 - 30 in yuan, for every full 200, of which the sponsor bears two thirds, after coupons.
    function threshold(uint64 budgetFen) internal pure returns (CampaignTerms memory terms_) {
        terms_ = coupon(budgetFen);
        (terms_.kind, terms_.rank, terms_.thresholdFen) = (CampaignKind.Threshold, 2, 20_000);
        (terms_.valueFen, terms_.repeats, terms_.sponsorBps) = (3_000, true, 6_667);
    }

    /// @dev One per cent to the creator, upon settlement.
    function commission(uint64 budgetFen) internal pure returns (CampaignTerms memory terms_) {
        terms_ = coupon(budgetFen);
        (terms_.kind, terms_.rank, terms_.valueFen, terms_.bps) = (CampaignKind.Commission, 3, 0, 100);
        terms_.payee = CREATOR;
    }

    function opened(string memory name, CampaignTerms memory terms_) internal returns (uint32) {
        by(PLATFORM);
        return campaigns.open(name, terms_, new uint32[](0));
    }

    function one(uint32 campaign) internal pure returns (uint32[] memory list) {
        list = new uint32[](1);
        list[0] = campaign;
    }

    function three(uint32 a, uint32 b, uint32 c) internal pure returns (uint32[] memory list) {
        list = new uint32[](3);
        (list[0], list[1], list[2]) = (a, b, c);
    }

    function promoted(string memory number, uint64 listFen, uint32[] memory under)
        internal
        view
        returns (ICampaigns.PromotedTerms[] memory list)
    {
        list = new ICampaigns.PromotedTerms[](1);
        list[0] = ICampaigns.PromotedTerms(terms(number, listFen, rule), under);
    }

    function placedUnder(string memory number, uint64 listFen, uint32[] memory under) internal returns (bytes32) {
        ICampaigns.PromotedTerms[] memory list = promoted(number, listFen, under);
        by(MERCHANT);
        campaigns.place(list);
        return escrow.orderId(MERCHANT, number);
    }

    function paidUnder(string memory number, uint64 listFen, uint32[] memory under) internal returns (bytes32 order) {
        order = placedUnder(number, listFen, under);
        uint64 shopperFen = campaigns.shopperFenOf(order);
        by(BANK);
        escrow.pay(payment(order, shopperFen));
    }

    function settledUnder(string memory number, uint64 listFen, uint32[] memory under)
        internal
        returns (bytes32 order)
    {
        order = paidUnder(number, listFen, under);
        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(saleLegs()));
    }

    function freeFen(uint32 campaign) internal view returns (uint64) {
        (, uint64 budgetFen, uint64 spentFen, uint64 reservedFen, uint64 returnedFen) = campaigns.budgetOf(campaign);
        return budgetFen - spentFen - reservedFen - returnedFen;
    }

    function assertSupply() internal view {
        uint256 fen = uint256(credit.escrowedFen()) + credit.toShoppersFen() + credit.fundFen();
        for (uint32 member = 1; member <= 9; ++member) {
            fen += uint256(credit.collectedFen(member)) + credit.inTransitFen(member);
        }
        vm.assertEq(credit.supplyFen(), fen);
    }
}
