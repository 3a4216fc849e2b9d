// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {CampaignKind, CampaignTerms, ICampaigns} from "./interfaces/ICampaigns.sol";
import {ICredit, IEarnings} from "./interfaces/ICredit.sol";
import {IEscrow, IPromotedOrders, OrderState} from "./interfaces/IEscrow.sol";
import {IMembers, Role} from "./interfaces/IMembers.sol";
import {Price} from "./libraries/Price.sol";
import {Split} from "./libraries/Split.sol";

/// @title Campaigns
/// @notice See ICampaigns.
contract Campaigns is ICampaigns, IEarnings {
    uint256 private constant MOST_CAMPAIGNS = 8;

    struct Campaign {
        CampaignTerms terms;
        uint32 sponsor;
        bool servesAll;
        uint64 spentFen;
        uint64 reservedFen;
        uint64 returnedFen;
    }

    enum PromotionState {
        None,
        Reserved,
        Released,
        Paid
    }

    struct Promotion {
        uint64 listFen;
        uint64 shopperFen;
        uint40 until;
        PromotionState state;
    }

    /// @dev What one campaign does for one order, in one slot.
    struct Part {
        uint32 campaign;
        uint56 sponsorFen;
        uint56 reservedFen; // for its commission
        uint56 commissionFen; // credited to the payee
        uint56 backFen; // of refunds, to the sponsor
    }

    /// @dev What one order's campaigns give, for its event.
    struct Reckoning {
        uint64[] offFen;
        uint64[] sponsorFen;
        uint64[] commissionFen;
        uint64 amountFen;
        uint64 shopperFen;
        uint40 until;
    }

    IMembers public immutable members;
    ICredit public immutable credit;
    IEscrow public immutable escrow;

    uint32 private _count;
    mapping(uint32 campaign => Campaign) private _campaigns;
    mapping(bytes32 sponsorAndName => uint32 campaign) private _named;
    mapping(uint32 campaign => bytes32) private _hashes;
    mapping(uint32 campaign => mapping(uint32 rule => bool)) private _serves;
    mapping(bytes32 order => Promotion) private _promotions;
    mapping(bytes32 order => Part[]) private _parts;

    /// @dev In fen, not yet collected.
    mapping(uint32 member => uint64) private _earned;

    /// @param escrow_ deployed before this one, whose address it knows (see IEscrow).
    constructor(IMembers members_, ICredit credit_, IEscrow escrow_) {
        members = members_;
        credit = credit_;
        escrow = escrow_;
    }

    // --- the sponsor ---

    /// @inheritdoc ICampaigns
    function open(string calldata name, CampaignTerms calldata terms, uint32[] calldata rules)
        external
        returns (uint32 campaign)
    {
        uint32 sponsor = members.requireMayAct(msg.sender, Role.TREASURY, msg.sig);
        bytes32 key = keccak256(abi.encode(sponsor, name));
        bytes32 whole = keccak256(abi.encode(terms, rules));
        campaign = _named[key];
        if (campaign != 0) {
            if (_hashes[campaign] != whole) revert CampaignExists(campaign);
            return campaign;
        }
        if (bytes(name).length == 0) revert BadTerms("name");
        Price.checkTerms(terms);
        // It reverts for an unknown member; nothing else of it matters.
        // slither-disable-next-line unused-return
        if (terms.payee != 0) members.get(terms.payee);

        campaign = ++_count;
        (_named[key], _hashes[campaign]) = (campaign, whole);
        Campaign storage opened = _campaigns[campaign];
        (opened.terms, opened.sponsor, opened.servesAll) = (terms, sponsor, rules.length == 0);
        for (uint256 i = 0; i < rules.length; ++i) {
            _serves[campaign][rules[i]] = true;
        }

        emit CampaignOpened(campaign, sponsor, name, terms, rules);

        credit.fund(sponsor, terms.budgetFen);
    }

    /// @inheritdoc ICampaigns
    function close(uint32 campaign) external {
        members.requireNotStopped(msg.sig);
        Campaign storage known = _known(campaign);
        if (block.timestamp < known.terms.ends) revert CampaignHasNotEnded(campaign, known.terms.ends);
        uint64 returnedFen = _freeFen(known);
        if (returnedFen == 0) return;

        known.returnedFen += returnedFen;
        _earned[known.sponsor] += returnedFen;

        emit CampaignClosed(campaign, returnedFen);
    }

    // --- orders ---

    /// @inheritdoc ICampaigns
    function place(PromotedTerms[] calldata orders) external {
        uint32 merchant = members.requireMayAct(msg.sender, Role.MERCHANT, msg.sig);

        IEscrow.OrderTerms[] memory priced = new IEscrow.OrderTerms[](orders.length);
        for (uint256 i = 0; i < orders.length; ++i) {
            priced[i] = orders[i].terms;
            bytes32 order = escrow.orderId(merchant, priced[i].number);
            // slither-disable-next-line incorrect-equality // a state, no balance
            priced[i].amountFen = _promotions[order].state == PromotionState.None
                ? _price(order, orders[i].terms, orders[i].campaigns)
                : _samePrice(order, orders[i].terms.amountFen, orders[i].campaigns);
        }
        IPromotedOrders(address(escrow)).placeFor(merchant, priced);
    }

    /// @return amountFen of the order in Escrow: the list price less what its merchant bears.
    function _price(bytes32 order, IEscrow.OrderTerms calldata terms, uint32[] calldata campaigns)
        private
        returns (uint64 amountFen)
    {
        if (campaigns.length == 0 || campaigns.length > MOST_CAMPAIGNS) {
            revert CampaignCount(campaigns.length, MOST_CAMPAIGNS);
        }
        // Anything else Escrow refuses.
        if (terms.amountFen > Split.MOST_FEN) revert IEscrow.BadAmount(terms.number, terms.amountFen);
        Reckoning memory all = _reckon(terms, campaigns);
        for (uint256 i = 0; i < campaigns.length; ++i) {
            _reserve(campaigns[i], all.sponsorFen[i] + all.commissionFen[i]);
            _parts[order].push(Part(campaigns[i], uint56(all.sponsorFen[i]), uint56(all.commissionFen[i]), 0, 0));
        }
        _promotions[order] = Promotion(terms.amountFen, all.shopperFen, all.until, PromotionState.Reserved);

        emit PromotedOrderPlaced(
            order,
            terms.amountFen,
            all.amountFen,
            all.shopperFen,
            campaigns,
            all.offFen,
            all.sponsorFen,
            all.commissionFen,
            all.until
        );

        return all.amountFen;
    }

    function _reckon(IEscrow.OrderTerms calldata terms, uint32[] calldata campaigns)
        private
        view
        returns (Reckoning memory all)
    {
        uint256 count = campaigns.length;
        (all.offFen, all.sponsorFen, all.commissionFen) =
        (new uint64[](count), new uint64[](count), new uint64[](count));
        (all.shopperFen, all.amountFen) = (terms.amountFen, terms.amountFen);
        uint256 holdSeconds = type(uint32).max;
        uint256 rank = 0;
        for (uint256 i = 0; i < count; ++i) {
            CampaignTerms memory applied = _runningFor(campaigns[i], terms.rule);
            if (applied.rank <= rank) revert BadStack(campaigns[i], applied.rank);
            rank = applied.rank;
            if (applied.holdSeconds < holdSeconds) holdSeconds = applied.holdSeconds;
            if (applied.kind == CampaignKind.Commission) continue;
            uint64 offFen = uint64(Price.offFen(applied, all.shopperFen));
            if (offFen == 0) revert NothingOff(campaigns[i], all.shopperFen);
            (all.offFen[i], all.sponsorFen[i]) = (offFen, uint64(Price.sponsorFen(applied, offFen)));
            all.shopperFen -= offFen;
            all.amountFen -= offFen - all.sponsorFen[i];
        }
        // Of the whole order, which is known only now.
        for (uint256 i = 0; i < count; ++i) {
            all.commissionFen[i] = uint64(Price.commissionFen(_campaigns[campaigns[i]].terms, all.amountFen));
        }
        all.until = uint40(block.timestamp + holdSeconds);
    }

    /// @dev Of a repeat; the rest of its terms Escrow compares.
    function _samePrice(bytes32 order, uint64 listFen, uint32[] calldata campaigns)
        private
        view
        returns (uint64 amountFen)
    {
        Part[] storage parts = _parts[order];
        if (_promotions[order].listFen != listFen || parts.length != campaigns.length) revert PriceExists(order);
        amountFen = _promotions[order].shopperFen;
        for (uint256 i = 0; i < campaigns.length; ++i) {
            if (parts[i].campaign != campaigns[i]) revert PriceExists(order);
            amountFen += parts[i].sponsorFen;
        }
    }

    /// @inheritdoc ICampaigns
    function release(bytes32 order) external {
        members.requireNotStopped(msg.sig);
        Promotion storage promotion = _promotions[order];
        PromotionState state = promotion.state;
        if (state == PromotionState.None) revert NotPromoted(order);
        if (state == PromotionState.Released) return;
        if (state == PromotionState.Paid || block.timestamp <= promotion.until) {
            revert ReservationHolds(order, promotion.until);
        }

        promotion.state = PromotionState.Released;
        Part[] storage parts = _parts[order];
        for (uint256 i = 0; i < parts.length; ++i) {
            _campaigns[parts[i].campaign].reservedFen -= uint64(parts[i].sponsorFen) + parts[i].reservedFen;
        }

        emit ReservationReleased(order);
    }

    /// @inheritdoc ICampaigns
    function pay(bytes32 order) external returns (uint64 shopperFen) {
        if (msg.sender != address(escrow)) revert NotEscrowContract(msg.sender);
        Promotion storage promotion = _promotions[order];
        PromotionState state = promotion.state;
        if (state == PromotionState.Paid) return promotion.shopperFen;

        promotion.state = PromotionState.Paid;
        uint64 sponsorsFen = 0;
        Part[] storage parts = _parts[order];
        for (uint256 i = 0; i < parts.length; ++i) {
            (uint32 id, uint64 fen) = (parts[i].campaign, parts[i].sponsorFen);
            if (state == PromotionState.Released) {
                _requireNotEnded(id, _campaigns[id].terms);
                _reserve(id, fen + parts[i].reservedFen);
            }
            _campaigns[id].reservedFen -= fen;
            _campaigns[id].spentFen += fen;
            sponsorsFen += fen;
        }

        emit PromotedOrderPaid(order, promotion.shopperFen, sponsorsFen);

        if (sponsorsFen != 0) credit.passOn(msg.sender, sponsorsFen);
        return promotion.shopperFen;
    }

    // --- what remains of an order ---

    /// @inheritdoc ICampaigns
    function settleUp(bytes32 order) external {
        members.requireNotStopped(msg.sig);
        Promotion memory promotion = _promotions[order];
        if (promotion.state != PromotionState.Paid) revert NotPromoted(order);
        uint256 amountFen = IPromotedOrders(address(escrow)).amountOf(order);
        // slither-disable-next-line unused-return // how many there were does not matter
        (uint64 refundedFen,) = escrow.refundsOf(order);
        OrderState state = escrow.stateOf(order);
        bool ended = state == OrderState.Settled || state == OrderState.Refunded;
        Part[] storage parts = _parts[order];
        (uint64[] memory backFen, uint64[] memory commissionsFen) =
            (new uint64[](parts.length), new uint64[](parts.length));
        uint64 shopperBackFen = uint64(Price.shopperBackFen(refundedFen, promotion.shopperFen, amountFen));
        uint64 leftFen = refundedFen - shopperBackFen;
        uint64 takenFen = 0;
        bool changed = false;
        for (uint256 i = 0; i < parts.length; ++i) {
            uint64 moreFen = _giveBack(parts[i], leftFen);
            leftFen -= parts[i].backFen;
            takenFen += moreFen;
            if (moreFen != 0) changed = true;
            if (ended && parts[i].reservedFen != 0) {
                _payCommission(parts[i], amountFen - refundedFen);
                changed = true;
            }
            (backFen[i], commissionsFen[i]) = (parts[i].backFen, parts[i].commissionFen);
        }
        if (!changed) return;

        emit PromotedOrderSettledUp(order, refundedFen, shopperBackFen, backFen, commissionsFen);

        if (takenFen != 0) credit.takeBack(takenFen);
    }

    /// @param leftFen of the refunds, which no former part has got.
    /// @return moreFen what more than before; it only grows with the refunds.
    function _giveBack(Part storage part, uint64 leftFen) private returns (uint64 moreFen) {
        uint64 backFen = leftFen < part.sponsorFen ? leftFen : part.sponsorFen;
        moreFen = backFen - part.backFen;
        // Of our own count, which nobody else can move.
        // slither-disable-next-line incorrect-equality
        if (moreFen == 0) return 0;

        part.backFen = uint56(backFen);
        _earned[_campaigns[part.campaign].sponsor] += moreFen;
    }

    /// @dev Once, out of what is reserved for it, which suffices: less remains of an order, never more.
    function _payCommission(Part storage part, uint256 restFen) private {
        Campaign storage campaign = _campaigns[part.campaign];
        uint64 fen = uint64(Price.commissionFen(campaign.terms, restFen));
        campaign.reservedFen -= part.reservedFen;
        campaign.spentFen += fen;
        _earned[campaign.terms.payee] += fen;
        (part.reservedFen, part.commissionFen) = (0, uint56(fen));
    }

    // --- budgets ---

    function _reserve(uint32 id, uint64 fen) private {
        Campaign storage campaign = _campaigns[id];
        uint64 freeFen = _freeFen(campaign);
        if (fen > freeFen) revert BudgetExhausted(id, freeFen, fen);
        campaign.reservedFen += fen;
    }

    function _freeFen(Campaign storage campaign) private view returns (uint64) {
        return campaign.terms.budgetFen - campaign.spentFen - campaign.reservedFen - campaign.returnedFen;
    }

    function _runningFor(uint32 id, uint32 rule) private view returns (CampaignTerms memory terms) {
        Campaign storage campaign = _known(id);
        terms = campaign.terms;
        if (block.timestamp < terms.starts) revert CampaignNotRunning(id, terms.starts, terms.ends);
        _requireNotEnded(id, terms);
        if (!campaign.servesAll && !_serves[id][rule]) revert RuleNotServed(id, rule);
    }

    function _requireNotEnded(uint32 id, CampaignTerms memory terms) private view {
        if (block.timestamp >= terms.ends) revert CampaignNotRunning(id, terms.starts, terms.ends);
    }

    function _known(uint32 id) private view returns (Campaign storage campaign) {
        campaign = _campaigns[id];
        if (campaign.sponsor == 0) revert UnknownCampaign(id);
    }

    // --- collected ---

    /// @inheritdoc IEarnings
    function giveEarned(uint32 member) external returns (uint64 fen) {
        if (msg.sender != address(credit)) revert NotCredit(msg.sender);
        fen = _earned[member];

        if (fen != 0) delete _earned[member];
    }

    // --- reads ---

    /// @inheritdoc IEarnings
    function earnedFen(uint32 member) external view returns (uint64) {
        return _earned[member];
    }

    /// @inheritdoc ICampaigns
    function budgetOf(uint32 campaign)
        external
        view
        returns (uint32 sponsor, uint64 budgetFen, uint64 spentFen, uint64 reservedFen, uint64 returnedFen)
    {
        Campaign storage known = _campaigns[campaign];
        return (known.sponsor, known.terms.budgetFen, known.spentFen, known.reservedFen, known.returnedFen);
    }

    /// @inheritdoc ICampaigns
    function shopperFenOf(bytes32 order) external view returns (uint64) {
        return _promotions[order].shopperFen;
    }

    /// @inheritdoc ICampaigns
    function discount(CampaignTerms calldata terms, uint64 priceFen, uint64 restFen)
        external
        pure
        returns (uint64 offFen, uint64 sponsorFen, uint64 commissionFen)
    {
        offFen = uint64(Price.offFen(terms, priceFen));
        sponsorFen = uint64(Price.sponsorFen(terms, offFen));
        commissionFen = uint64(Price.commissionFen(terms, restFen));
    }
}
