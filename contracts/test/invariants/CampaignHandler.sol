// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {CampaignTerms} from "../../src/interfaces/ICampaigns.sol";
import {ICredit} from "../../src/interfaces/ICredit.sol";
import {OrderState} from "../../src/interfaces/IEscrow.sol";
import {CampaignWorld} from "../campaigns/CampaignWorld.sol";

/// @notice Sponsors, merchant, shoppers and anybody do what they may with campaigns and promoted orders, in any order. Each
///         act picks only what is allowed, so a revert is a failure.
contract CampaignHandler is CampaignWorld {
    struct Sold {
        bytes32 id;
        uint64 restFen;
        uint64 refundedFen;
        uint64 bookedFen;
        uint8 refunds;
    }

    Sold[] internal orders;
    uint32 public campaignsCount;
    uint256 internal names_;

    constructor() {
        CampaignWorld.setUp();
    }

    function setUp() public override {}

    function open(uint64 budgetFen, uint8 kind, uint16 part) external {
        uint64 availableFen = credit.availableFen(PLATFORM);
        if (availableFen <= credit.owedFen(PLATFORM)) return;
        budgetFen = 1 + budgetFen % (availableFen - credit.owedFen(PLATFORM)) / 4;
        CampaignTerms memory terms_ =
            kind % 3 == 0 ? coupon(budgetFen) : kind % 3 == 1 ? threshold(budgetFen) : commission(budgetFen);
        if (kind % 3 != 2) terms_.sponsorBps = part % 10_001;
        (terms_.starts, terms_.ends) = (uint40(block.timestamp), uint40(block.timestamp + 1 days));
        opened(string(abi.encode(++names_)), terms_);
        ++campaignsCount;
    }

    function place(uint64 listFen, uint32 campaign) external {
        if (campaignsCount == 0) return;
        campaign = 1 + campaign % campaignsCount;
        // Budgets are exhausted and campaigns have ended: then nothing may change, and the invariants look.
        try this.placeFor(string(abi.encode(orders.length)), 100 + listFen % 60_000, campaign) returns (bytes32 order) {
            orders.push(Sold(order, escrow.amountOf(order), 0, 0, 0));
        } catch {}
    }

    function placeFor(string calldata number, uint64 listFen, uint32 campaign) external returns (bytes32) {
        return placedUnder(number, listFen, one(campaign));
    }

    function pay(uint256 pick) external {
        if (orders.length == 0) return;
        bytes32 order = orders[pick % orders.length].id;
        uint64 fen = campaigns.shopperFenOf(order);
        by(BANK);
        try escrow.pay(payment(order, fen)) {} catch {}
    }

    function deliverAndSettle(uint256 pick) external {
        if (orders.length == 0 || escrow.stateOf(orders[pick % orders.length].id) < OrderState.Paid) return;
        by(CARRIER);
        escrow.deliverAndSettle(only(orders[pick % orders.length].id), "checkpoint", packed(saleLegs()));
    }

    function refund(uint256 pick, uint64 fen) external {
        if (orders.length == 0) return;
        Sold storage sold = orders[pick % orders.length];
        if (sold.restFen == 0 || sold.refunds == 255 || escrow.stateOf(sold.id) < OrderState.Paid) return;
        fen = fen % 3 == 0 ? sold.restFen : 1 + fen % sold.restFen;
        refunded(sold.id, ++sold.refunds, fen, packed(saleLegs()));
        sold.restFen -= fen;
        sold.refundedFen += fen;
    }

    function settleUp(uint256 pick) external {
        if (orders.length == 0 || credit.dueFen() != 0) return;
        bytes32 order = orders[pick % orders.length].id;
        if (escrow.stateOf(order) >= OrderState.Paid) campaigns.settleUp(order);
    }

    function release(uint256 pick) external {
        if (orders.length == 0) return;
        try campaigns.release(orders[pick % orders.length].id) {} catch {}
    }

    function close(uint32 campaign) external {
        if (campaignsCount == 0) return;
        try campaigns.close(1 + campaign % campaignsCount) {} catch {}
    }

    function pass(uint32 time) external {
        vm.warp(block.timestamp + time % 3 hours);
    }

    function collect(uint32 member) external {
        credit.collect(1 + member % 9);
    }

    /// @dev So that refunds find nothing, and shoppers are due.
    function spend(uint64 fen) external {
        (uint64 availableFen, uint64 owedFen) = (credit.availableFen(MERCHANT), credit.owedFen(MERCHANT));
        if (availableFen <= owedFen) return;
        by(MERCHANT);
        credit.transfer(PLATFORM, 1 + fen % (availableFen - owedFen), "");
    }

    /// @dev The bank pays the shopper's part of what was refunded.
    function bookRefunds(uint256 pick) external {
        if (orders.length == 0) return;
        Sold storage sold = orders[pick % orders.length];
        uint64 fen = shopperBackFen(sold) - sold.bookedFen;
        if (fen == 0 || fen > credit.toShoppersFen() || sold.refunds == 0) return;
        ICredit.RefundPayment[] memory list = refundPayment(sold.id, sold.refunds, fen);
        by(BANK);
        try credit.bookRefunds(list, "CMB-7") {
            sold.bookedFen += fen;
        } catch {}
    }

    function shopperBackFen(Sold memory sold) private view returns (uint64) {
        return uint64(
            uint256(sold.refundedFen) * campaigns.shopperFenOf(sold.id) / (uint256(sold.restFen) + sold.refundedFen)
        );
    }

    // --- what the invariants compare ---

    /// @notice Each fen of a budget is free, reserved, spent or returned, and never more than all.
    function requireNoBudgetIsOverdrawn() external view {
        uint256 keptFen = 0;
        for (uint32 i = 1; i <= campaignsCount; ++i) {
            (, uint64 budgetFen, uint64 spentFen, uint64 reservedFen, uint64 returnedFen) = campaigns.budgetOf(i);
            vm.assertTrue(uint256(spentFen) + reservedFen + returnedFen <= budgetFen, "overdrawn");
            keptFen += budgetFen - spentFen - returnedFen;
        }
        for (uint32 member = 1; member <= 9; ++member) {
            keptFen += campaigns.earnedFen(member);
        }
        uint256 inEscrowFen = 0;
        for (uint256 i = 0; i < orders.length; ++i) {
            OrderState state = escrow.stateOf(orders[i].id);
            if (state == OrderState.Paid || state == OrderState.Delivered) inEscrowFen += orders[i].restFen;
        }
        for (uint32 member = 1; member <= 9; ++member) {
            inEscrowFen += escrow.earnedFen(member);
        }
        vm.assertEq(credit.escrowedFen(), keptFen + inEscrowFen, "held: budgets, orders, and what was not collected");
    }

    /// @notice What all hold is the supply.
    function requireSupply() external view {
        assertSupply();
    }
}
