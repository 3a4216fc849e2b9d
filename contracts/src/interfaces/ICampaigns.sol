// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IEscrow} from "./IEscrow.sol";

enum CampaignKind {
    Coupon, // off any price
    Threshold, // off a price that reaches the threshold, once or for every full threshold
    Commission // the shopper pays the price; the payee gets more
}

/// @notice What a campaign does, for ever. Either `valueFen` or `bps` is given, not both.
struct CampaignTerms {
    CampaignKind kind;
    uint8 rank; // from 1: an order's campaigns stand in ascending rank; two of the same rank do not stack
    bool repeats; // a threshold's value for every full threshold of the price
    uint16 sponsorBps; // of each discount: what the sponsor bears; the merchant bears the rest, rounded down
    uint16 bps; // of the price, or of the order's amount for a commission
    uint64 valueFen;
    uint64 thresholdFen; // of a threshold alone
    uint64 capFen; // 0: none
    uint64 budgetFen;
    uint32 payee; // of a commission alone
    uint32 holdSeconds; // how long an order that is not paid keeps what it reserved
    uint40 starts; // Unix seconds
    uint40 ends; // no order after it
}

/// @title Campaigns: promotions with a sponsor and a budget in escrow
/// @notice A promoted order is placed here with its list price and its campaigns in stacking order, ascending by rank; the
///         contract reckons its price (Price) and places it in Escrow: nobody types one. Of a discount the campaign's
///         sponsor bears its share, out of the budget into the order when that is paid; the merchant bears the rest, by
///         which the order is the smaller. So an order of `amountFen`, which is split, is what its shopper pays and what
///         its sponsors pay.
///         The budget is reserved when the order is placed, not when it is paid: a price that a shopper was told cannot be
///         outrun. An order that is not paid in time loses what it reserved, by anyone's `release`; paid later, it
///         reserves again if there is still a budget.
///         Of refunds of R fen together the shopper gets floor(R * shopper's part / amount), and the sponsors the rest, each
///         in stacking order until it has back what it bore: the order of refunds does not matter. `settleUp` gives it, and
///         pays a commission once, when its order has ended: for what then remains of it. A later refund does not take a
///         commission back.
///         Credit admits this contract as it does Escrow: it holds budgets that are not spent, and what members earned here.
interface ICampaigns {
    /// @param rules whose orders it serves; empty for every rule's.
    event CampaignOpened(
        uint32 indexed campaign, uint32 indexed sponsor, string name, CampaignTerms terms, uint32[] rules
    );
    /// @notice Placed in Escrow for `amountFen`, of which the shopper is to pay `shopperFen`. One of each list a campaign.
    /// @param offFen what each takes off the price that the former ones left.
    /// @param sponsorFen what of it the sponsor bears, reserved; the merchant bears the rest.
    /// @param commissionFen reserved for the payee.
    /// @param until the reservation holds, Unix seconds.
    event PromotedOrderPlaced(
        bytes32 indexed order,
        uint64 listFen,
        uint64 amountFen,
        uint64 shopperFen,
        uint32[] campaigns,
        uint64[] offFen,
        uint64[] sponsorFen,
        uint64[] commissionFen,
        uint40 until
    );
    /// @notice It was not paid in time; what it reserved is free again.
    event ReservationReleased(bytes32 indexed order);
    /// @notice The sponsors' parts went into the order. One that was released reserved again first.
    event PromotedOrderPaid(bytes32 indexed order, uint64 shopperFen, uint64 sponsorsFen);
    /// @notice What refunds of `refundedFen` together give back, and what commissions are now; all since the beginning.
    /// @param backFen to the sponsor of each campaign of the order.
    /// @param commissionFen to the payee of each.
    event PromotedOrderSettledUp(
        bytes32 indexed order, uint64 refundedFen, uint64 shopperBackFen, uint64[] backFen, uint64[] commissionFen
    );
    /// @notice What no order has reserved or spent is the sponsor's again. It may come again, when orders release more.
    event CampaignClosed(uint32 indexed campaign, uint64 returnedFen);

    error UnknownCampaign(uint32 campaign);
    /// @dev The first of the terms that makes no sense with the others: its name.
    error BadTerms(bytes32 field);
    /// @dev The sponsor has one of this name with other terms or rules.
    error CampaignExists(uint32 campaign);
    error CampaignNotRunning(uint32 campaign, uint40 starts, uint40 ends);
    error CampaignHasNotEnded(uint32 campaign, uint40 ends);
    error RuleNotServed(uint32 campaign, uint32 rule);
    error CampaignCount(uint256 count, uint256 most);
    /// @dev It does not stand after the one before it: its rank is not larger.
    error BadStack(uint32 campaign, uint8 rank);
    /// @dev It would do nothing for this price.
    error NothingOff(uint32 campaign, uint64 priceFen);
    error BudgetExhausted(uint32 campaign, uint64 freeFen, uint64 neededFen);
    error PriceExists(bytes32 order);
    error NotPromoted(bytes32 order);
    error ReservationHolds(bytes32 order, uint40 until);
    error NotEscrowContract(address caller);

    struct PromotedTerms {
        IEscrow.OrderTerms terms; // its amount is the list price
        uint32[] campaigns; // in stacking order
    }

    // --- the sponsor ---

    /// @notice Opens a campaign with its budget, out of the caller's available balance. Caller: an active member, by its
    ///         account or an operator with Role.TREASURY. A repeat with the same name, terms and rules is passed over.
    ///         Events: CampaignOpened; ICredit.EscrowFunded. Reverts: all of IMembers.requireMayAct; CampaignExists; BadTerms;
    ///         UnknownMember (IMembers) for a payee; all of ICredit.fund.
    /// @param name the sponsor's own, not empty.
    /// @return campaign counted from 1.
    function open(string calldata name, CampaignTerms calldata terms, uint32[] calldata rules)
        external
        returns (uint32 campaign);

    /// @notice Gives back to the sponsor what is neither spent nor reserved, once the campaign has ended; it collects it
    ///         (ICredit). Caller: anyone. Event: CampaignClosed, unless there is nothing. Reverts: FunctionIsStopped
    ///         (IStops); UnknownCampaign; CampaignHasNotEnded.
    function close(uint32 campaign) external;

    // --- orders ---

    /// @notice Places orders under campaigns. Escrow is given the amounts that are reckoned from the list prices. Caller: a
    ///         merchant, as IEscrow.place. A repeat with the same terms and campaigns is passed over. Events, for each new
    ///         one: PromotedOrderPlaced; IEscrow.OrderPlaced. Reverts: all of IEscrow.place; CampaignCount; UnknownCampaign;
    ///         CampaignNotRunning; RuleNotServed; BadStack; NothingOff; BudgetExhausted; PriceExists for a repeat with
    ///         another list price or other campaigns.
    function place(PromotedTerms[] calldata orders) external;

    /// @notice Frees what an order reserved that was not paid in time. Caller: anyone. A repeat is passed over. Event:
    ///         ReservationReleased. Reverts: FunctionIsStopped (IStops); NotPromoted; ReservationHolds until it has lapsed,
    ///         and for a paid order.
    function release(bytes32 order) external;

    /// @notice Gives to the sponsors of a paid order their part of its refunds so far, and, once it is settled or refunded
    ///         whole, its commissions to their payees. What stands already is passed over. Sponsors wait while anything is
    ///         due to shoppers. Caller: anyone. Event: PromotedOrderSettledUp, unless nothing changes. Reverts:
    ///         FunctionIsStopped (IStops); NotPromoted for an order that is not promoted or not paid; ShoppersFirst
    ///         (ICredit).
    function settleUp(bytes32 order) external;

    // --- only Escrow ---

    /// @notice The sponsors' parts go into an order that is being paid, once. Caller: Escrow. Event: PromotedOrderPaid.
    ///         Reverts: NotEscrowContract; for a released one CampaignNotRunning, BudgetExhausted.
    /// @return shopperFen what the shopper is to pay, also when it is paid.
    function pay(bytes32 order) external returns (uint64 shopperFen);

    // --- reads ---

    /// @return sponsor 0 for an unknown campaign.
    /// @return budgetFen it was opened with.
    /// @return spentFen what orders and payees got.
    /// @return reservedFen for orders that are not paid, and commissions of those that are not settled.
    /// @return returnedFen to the sponsor at its end.
    function budgetOf(uint32 campaign)
        external
        view
        returns (uint32 sponsor, uint64 budgetFen, uint64 spentFen, uint64 reservedFen, uint64 returnedFen);

    /// @return shopperFen what the shopper pays; 0 for an order that is not promoted.
    function shopperFenOf(bytes32 order) external view returns (uint64 shopperFen);

    /// @notice What such a campaign takes off this price, what of it the sponsor bears, and what a commission gives for what
    ///         remains of an order.
    function discount(CampaignTerms calldata terms, uint64 priceFen, uint64 restFen)
        external
        pure
        returns (uint64 offFen, uint64 sponsorFen, uint64 commissionFen);
}
