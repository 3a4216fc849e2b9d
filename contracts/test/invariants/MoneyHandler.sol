// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IBatches} from "../../src/interfaces/IBatches.sol";
import {ICredit} from "../../src/interfaces/ICredit.sol";
import {OrderState} from "../../src/interfaces/IEscrow.sol";
import {Leg, LegKind} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

/// @notice Does what members, carrier, merchant, bank and governor may do, in any order and with any amounts, and keeps its own
///         books. Each act picks only what is allowed, so a revert is a failure.
contract MoneyHandler is World {
    uint64 internal constant MOST_FEN = 9e14;
    uint64 internal constant LEAST_FEN = 60; // what the legs need to be served in full
    uint8 internal constant WIDTH = 4;

    struct Sold {
        bytes32 id;
        uint64 restFen;
        uint8 refunds;
    }

    struct Batch {
        bytes32 id;
        bool paid;
        uint64[] amountsFen;
        uint256 settled;
        uint256 closed;
    }

    uint32 internal rule;
    Leg[] internal theLegs;
    Sold[] internal orders;
    Batch[] internal batches;
    uint64[] internal open; // withdrawals
    uint64[] internal bookedWithdrawals;
    mapping(uint64 withdrawal => uint64) internal withdrawnFen;
    mapping(uint64 withdrawal => uint32 member) internal withdrawer;
    ICredit.RefundPayment[] internal unbooked;
    ICredit.RefundPayment[] internal booked;
    uint256 internal references;

    /// @notice What the bank was paid by buyers, and what it paid out to members and shoppers, in fen.
    uint256 public paidInFen;
    uint256 public paidOutFen;

    /// @notice What remains of orders that are paid and not settled.
    uint256 public unsettledFen;

    /// @notice What was refunded, and what of it the bank paid.
    uint256 public refundedFen;
    uint256 public refundsBookedFen;

    /// @notice What the rule gives a member for what remains of the settled orders, and what it received less what it sent.
    mapping(uint32 member => int256) public entitledFen;

    constructor() {
        World.setUp();
        theLegs.push(shareLeg(CREATOR, 7000, 0));
        theLegs.push(fixedLeg(PLATFORM, 50));
        theLegs.push(residualLeg(MERCHANT));
        theLegs.push(flooredLeg(CARRIER, 2999, 1_000_000, 9));
        theLegs.push(fixedLeg(CREATOR, 1));
        theLegs.push(shareLeg(FARM, 1, 0));
        rule = aRuleInForce(theLegs);
    }

    function setUp() public override {}

    // --- orders ---

    function orderAndPay(uint64 amountFen, uint8 magnitude) external {
        amountFen = LEAST_FEN + amountFen % uint64(10 ** (1 + magnitude % 14));
        bytes32 order = aPaidOrder(string(abi.encode(orders.length)), amountFen, rule);
        orders.push(Sold(order, amountFen, 0));
        paidInFen += amountFen;
        unsettledFen += amountFen;
    }

    function placeOnly(uint64 amountFen) external {
        amountFen = LEAST_FEN + amountFen % (MOST_FEN / 2);
        orders.push(Sold(placed(terms(string(abi.encode(orders.length)), amountFen, rule)), amountFen, 0));
    }

    function deliver(uint256 pick) external {
        (bool some, Sold storage sold) = anyOrder(pick);
        if (!some || escrow.stateOf(sold.id) < OrderState.Paid) return;
        by(CARRIER);
        escrow.deliver(only(sold.id), "checkpoint");
    }

    function settle(uint256 pick) external {
        (bool some, Sold storage sold) = anyOrder(pick);
        if (!some || escrow.stateOf(sold.id) != OrderState.Delivered) return;
        escrow.settle(only(sold.id), packed(theLegs));
        settled(sold.restFen);
    }

    function deliverAndSettle(uint256 pick, uint256 pickAnother) external {
        (bool some, Sold storage one) = anyOrder(pick);
        if (!some) return;
        (, Sold storage two) = anyOrder(pickAnother);
        (OrderState ofOne, OrderState ofTwo) = (escrow.stateOf(one.id), escrow.stateOf(two.id));
        if (ofOne < OrderState.Paid || ofTwo < OrderState.Paid) return;
        by(CARRIER);
        escrow.deliverAndSettle(pair(one.id, two.id), "checkpoint", packed(theLegs));
        if (ofOne < OrderState.Settled) settled(one.restFen);
        if (ofTwo < OrderState.Settled && one.id != two.id) settled(two.restFen);
    }

    function refund(uint256 pick, uint64 amountFen) external {
        (bool some, Sold storage sold) = anyOrder(pick);
        if (!some || sold.restFen == 0 || sold.refunds == 255 || escrow.stateOf(sold.id) < OrderState.Paid) return;
        amountFen = amountFen % 4 == 0 ? sold.restFen : 1 + amountFen % sold.restFen;
        bool wasSettled = escrow.stateOf(sold.id) == OrderState.Settled;
        bytes memory legs = packed(theLegs);
        by(MERCHANT);
        try escrow.refund(refundOf(sold.id, sold.refunds + 1, amountFen), legs) {}
        catch (bytes memory why) {
            return onlyNotEnoughInTransit(why);
        }
        ++sold.refunds;
        if (wasSettled) {
            entitle(sold.restFen, -1);
            entitle(sold.restFen - amountFen, 1);
        } else {
            unsettledFen -= amountFen;
        }
        sold.restFen -= amountFen;
        noteRefund(sold.id, sold.refunds, amountFen);
    }

    // --- batches ---

    function batchAndPay(uint256 seed, uint8 count) external {
        Batch storage batch = batches.push();
        uint64 totalFen = 0;
        for (uint256 i = 0; i < 1 + count % 40; ++i) {
            uint256 roll = uint256(keccak256(abi.encode(seed, i)));
            batch.amountsFen.push(LEAST_FEN + uint64((roll >> 8) % (roll % 8 == 0 ? 100 : 10_000_000)));
            totalFen += batch.amountsFen[i];
        }
        bytes memory amounts = amountsOf(batch);
        by(MERCHANT);
        batch.id = escrow.placeBatch(
            IBatches.BatchTerms({
                manifest: bytes32(batches.length),
                amountsRoot: rootOf(amounts, WIDTH),
                totalFen: totalFen,
                rule: rule,
                carrier: CARRIER,
                count: uint16(batch.amountsFen.length),
                width: WIDTH
            })
        );
        by(BANK);
        escrow.payBatch(batch.id, amounts, "CMB-9");
        paidInFen += totalFen;
        unsettledFen += totalFen;
    }

    function settleBatch(uint256 pick, uint256 marks) external {
        if (batches.length == 0) return;
        Batch storage batch = batches[pick % batches.length];
        (uint256[] memory marked, bytes memory chunks, bytes memory legs) = marking(batch, marks);
        by(CARRIER);
        escrow.settleBatch(batch.id, marked, chunks, "checkpoint", legs);
        uint256 fresh = marked[0] & ~(batch.settled | batch.closed);
        batch.settled |= fresh;
        for (uint256 i = 0; fresh >> i != 0; ++i) {
            if (fresh >> i & 1 == 1) settled(batch.amountsFen[i]);
        }
    }

    function refundBatch(uint256 pick, uint256 marks) external {
        if (batches.length == 0) return;
        Batch storage batch = batches[pick % batches.length];
        (uint256[] memory marked, bytes memory chunks, bytes memory legs) = marking(batch, marks);
        by(MERCHANT);
        try escrow.refundBatch(batch.id, marked, chunks, legs, "wilted") {}
        catch (bytes memory why) {
            return onlyNotEnoughInTransit(why);
        }
        uint256 fresh = marked[0] & ~batch.closed;
        batch.closed |= fresh;
        for (uint256 i = 0; fresh >> i != 0; ++i) {
            if (fresh >> i & 1 == 0) continue;
            if (batch.settled >> i & 1 == 1) entitle(batch.amountsFen[i], -1);
            else unsettledFen -= batch.amountsFen[i];
            noteRefund(orderAt(batch.id, i), 1, batch.amountsFen[i]);
        }
    }

    function takeOut(uint256 pick, uint256 marks) external {
        if (batches.length == 0) return;
        Batch storage batch = batches[pick % batches.length];
        marks &= marks >> 7 & marks << 11; // few
        (uint256[] memory marked, bytes memory chunks,) = marking(batch, marks);
        by(MERCHANT);
        escrow.takeOut(batch.id, marked, chunks);
        uint256 fresh = marked[0] & ~batch.closed;
        batch.closed |= fresh;
        for (uint256 i = 0; fresh >> i != 0; ++i) {
            if (fresh >> i & 1 == 1) orders.push(Sold(orderAt(batch.id, i), batch.amountsFen[i], 0));
        }
    }

    // --- credit ---

    function collect(uint32 member) external {
        credit.collect(anyMember(member));
    }

    function transfer(uint32 from, uint32 to, uint64 amountFen) external {
        (from, to) = (anyMember(from), anyMember(to));
        amountFen = partOf(from, amountFen);
        if (amountFen == 0) return;
        by(from);
        credit.transfer(to, amountFen, "");
        entitledFen[from] -= int256(uint256(amountFen));
        entitledFen[to] += int256(uint256(amountFen));
    }

    function withdraw(uint32 member, uint64 amountFen) external {
        member = anyMember(member);
        amountFen = partOf(member, amountFen);
        if (amountFen == 0) return;
        by(member);
        uint64 withdrawal = credit.withdraw(amountFen, keccak256(abi.encode(++references)));
        (withdrawnFen[withdrawal], withdrawer[withdrawal]) = (amountFen, member);
        open.push(withdrawal);
    }

    function payIntoFund(uint32 member, uint64 amountFen) external {
        member = anyMember(member);
        amountFen = partOf(member, amountFen);
        if (amountFen == 0) return;
        by(member);
        credit.payIntoFund(amountFen);
        entitledFen[member] -= int256(uint256(amountFen));
    }

    function payFromFund(uint32 member, uint64 amountFen) external {
        if (credit.fundFen() == 0) return;
        (member, amountFen) = (anyMember(member), 1 + amountFen % credit.fundFen());
        vm.prank(founder);
        credit.payFromFund(member, amountFen, "hail");
        entitledFen[member] += int256(uint256(amountFen));
    }

    // --- the bank ---

    function book(uint256 pick) external {
        if (open.length == 0) return;
        uint64[] memory list = new uint64[](1);
        list[0] = take(pick);
        by(BANK);
        credit.bookWithdrawals(list, "CMB-2");
        paidOutFen += withdrawnFen[list[0]];
        entitledFen[withdrawer[list[0]]] -= int256(uint256(withdrawnFen[list[0]]));
        bookedWithdrawals.push(list[0]);
    }

    function returnedAfterBooking(uint256 pick) external {
        if (bookedWithdrawals.length == 0) return;
        uint64 withdrawal = bookedWithdrawals[pick % bookedWithdrawals.length];
        bookedWithdrawals[pick % bookedWithdrawals.length] = bookedWithdrawals[bookedWithdrawals.length - 1];
        bookedWithdrawals.pop();
        by(BANK);
        credit.returnWithdrawal(withdrawal, "account closed");
        paidOutFen -= withdrawnFen[withdrawal];
        entitledFen[withdrawer[withdrawal]] += int256(uint256(withdrawnFen[withdrawal]));
    }

    function returned(uint256 pick) external {
        if (open.length == 0) return;
        uint64 withdrawal = take(pick);
        by(BANK);
        credit.returnWithdrawal(withdrawal, "wrong account");
    }

    function bookRefund(uint256 pick) external {
        if (unbooked.length == 0) return;
        ICredit.RefundPayment[] memory list = new ICredit.RefundPayment[](1);
        list[0] = unbooked[pick % unbooked.length];
        if (list[0].amountFen > credit.toShoppersFen()) return;
        unbooked[pick % unbooked.length] = unbooked[unbooked.length - 1];
        unbooked.pop();
        booked.push(list[0]);
        by(BANK);
        credit.bookRefunds(list, "CMB-7");
        paidOutFen += list[0].amountFen;
        refundsBookedFen += list[0].amountFen;
    }

    function returnRefund(uint256 pick) external {
        if (booked.length == 0) return;
        ICredit.RefundPayment memory payment = booked[pick % booked.length];
        booked[pick % booked.length] = booked[booked.length - 1];
        booked.pop();
        unbooked.push(payment);
        by(BANK);
        credit.returnRefund(payment, "account closed");
        paidOutFen -= payment.amountFen;
        refundsBookedFen -= payment.amountFen;
    }

    // --- what the invariants compare ---

    function theCredit() external view returns (ICredit) {
        return credit;
    }

    function membersCount() external pure returns (uint32) {
        return OTHER_CARRIER;
    }

    function earnedFen() external view returns (uint256 fen) {
        for (uint32 member = 0; member <= OTHER_CARRIER; ++member) {
            fen += escrow.earnedFen(member);
        }
    }

    // --- its own books ---

    function settled(uint64 amountFen) private {
        unsettledFen -= amountFen;
        entitle(amountFen, 1);
    }

    function noteRefund(bytes32 order, uint8 number, uint64 amountFen) private {
        refundedFen += amountFen;
        unbooked.push(ICredit.RefundPayment(order, number, amountFen));
    }

    /// @dev The rule told again in plain words, order by order: each leg what it asks for and is left, the residual the rest.
    function entitle(uint64 amountFen, int256 sign) private {
        uint256 left = amountFen;
        uint32 last = 0;
        for (uint256 i = 0; i < theLegs.length; ++i) {
            Leg memory leg = theLegs[i];
            if (leg.kind == LegKind.Residual) {
                last = leg.payee;
                continue;
            }
            uint256 fen = leg.value;
            if (leg.kind == LegKind.Share) {
                fen = uint256(amountFen) * leg.value / 10_000;
                if (leg.cap != 0 && fen > leg.cap) fen = leg.cap;
                if (fen < leg.floor) fen = leg.floor;
            }
            if (fen > left) fen = left;
            left -= fen;
            entitledFen[leg.payee] += sign * int256(fen);
        }
        entitledFen[last] += sign * int256(left);
    }

    /// @dev The one refusal that depends on what others did (ICredit.refund).
    function onlyNotEnoughInTransit(bytes memory why) private pure {
        vm.assertEq(bytes32(bytes4(why)), bytes32(ICredit.NotEnoughInTransit.selector));
    }

    // --- picks ---

    function anyOrder(uint256 pick) private view returns (bool some, Sold storage sold) {
        some = orders.length != 0;
        uint256 slotOfNone = 0;
        if (some) return (true, orders[pick % orders.length]);
        assembly {
            sold.slot := slotOfNone
        }
    }

    function anyMember(uint32 pick) private pure returns (uint32) {
        return 1 + pick % OTHER_CARRIER;
    }

    /// @dev Of what the member may spend: its debt is paid first.
    function partOf(uint32 member, uint64 amountFen) private view returns (uint64) {
        (uint64 availableFen, uint64 owedFen) = (credit.availableFen(member), credit.owedFen(member));
        if (availableFen <= owedFen) return 0;
        // Often all of it, so that refunds find nothing.
        return amountFen % 2 == 0 ? availableFen - owedFen : 1 + amountFen % (availableFen - owedFen);
    }

    function take(uint256 pick) private returns (uint64 withdrawal) {
        uint256 place = pick % open.length;
        withdrawal = open[place];
        open[place] = open[open.length - 1];
        open.pop();
    }

    function amountsOf(Batch storage batch) private view returns (bytes memory amounts) {
        for (uint256 i = 0; i < batch.amountsFen.length; ++i) {
            amounts = abi.encodePacked(amounts, uint32(batch.amountsFen[i]));
        }
    }

    function marking(Batch storage batch, uint256 marks)
        private
        view
        returns (uint256[] memory marked, bytes memory chunks, bytes memory legs)
    {
        marked = new uint256[](1);
        marked[0] = marks & ((1 << batch.amountsFen.length) - 1);
        chunks = chunksFor(marked, amountsOf(batch), WIDTH);
        legs = packed(theLegs);
    }
}
