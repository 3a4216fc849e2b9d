// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../../src/interfaces/ICredit.sol";
import {Vm} from "../support/Vm.sol";
import {MoneyHandler} from "./MoneyHandler.sol";

/// @notice After any acts of anybody, in any order.
contract MoneyIsConservedTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    MoneyHandler internal handler;
    ICredit internal credit;

    function setUp() public {
        handler = new MoneyHandler();
        credit = handler.theCredit();
    }

    /// @dev forge calls only these.
    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory acts = new bytes4[](20);
        (acts[0], acts[1], acts[2]) =
        (handler.orderAndPay.selector, handler.placeOnly.selector, handler.deliver.selector);
        (acts[3], acts[4], acts[5]) =
        (handler.settle.selector, handler.deliverAndSettle.selector, handler.transfer.selector);
        (acts[6], acts[7], acts[8]) = (handler.withdraw.selector, handler.book.selector, handler.returned.selector);
        (acts[9], acts[10], acts[11]) =
        (handler.refund.selector, handler.batchAndPay.selector, handler.settleBatch.selector);
        (acts[12], acts[13], acts[14]) =
        (handler.refundBatch.selector, handler.takeOut.selector, handler.collect.selector);
        (acts[15], acts[16]) = (handler.payIntoFund.selector, handler.payFromFund.selector);
        (acts[17], acts[18]) = (handler.bookRefund.selector, handler.returnRefund.selector);
        acts[19] = handler.returnedAfterBooking.selector;
        targets[0] = FuzzSelector({addr: address(handler), selectors: acts});
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @notice All at once: forge would do the same acts again for each.
    /// forge-config: default.invariant.runs = 400
    /// forge-config: default.invariant.depth = 125
    /// forge-config: long.invariant.runs = 4000
    /// forge-config: long.invariant.depth = 250
    function invariant_moneyIsConserved() public view {
        supplyIsWhatAllHoldAndWhatWasPaidInLessPaidOut();
        heldIsUnsettledAndEarned();
        eachMemberHasWhatTheRuleGivesForWhatRemains();
        refundsAreBookedInTransitOrDue();
    }

    /// @notice The supply is what escrow contracts hold, what members collected, what is in transit to members and to
    ///         shoppers, and the guarantee fund; and it is what buyers paid in less what the bank paid out.
    function supplyIsWhatAllHoldAndWhatWasPaidInLessPaidOut() private view {
        uint256 fen = uint256(credit.escrowedFen()) + credit.toShoppersFen() + credit.fundFen();
        for (uint32 member = 1; member <= handler.membersCount(); ++member) {
            fen += uint256(credit.collectedFen(member)) + credit.inTransitFen(member);
        }
        vm.assertEq(credit.supplyFen(), fen, "what all hold");
        vm.assertEq(credit.supplyFen(), handler.paidInFen() - handler.paidOutFen(), "paid in less paid out");
    }

    /// @notice Held by the escrow contract is what remains of orders that are paid and not settled, and what members earned
    ///         and did not collect.
    function heldIsUnsettledAndEarned() private view {
        vm.assertEq(credit.escrowedFen(), handler.unsettledFen() + handler.earnedFen(), "held");
    }

    /// @notice What a member has less what it owes is what the rule gives it for what remains of each settled order, with
    ///         what it received and without what it sent: of an order that is refunded in full, nothing.
    function eachMemberHasWhatTheRuleGivesForWhatRemains() private view {
        for (uint32 member = 1; member <= handler.membersCount(); ++member) {
            int256 fen = int256(uint256(credit.availableFen(member)) + credit.inTransitFen(member));
            fen -= int256(uint256(credit.owedFen(member)));
            vm.assertEq(uint256(fen), uint256(handler.entitledFen(member)), "entitled");
        }
    }

    /// @notice What was refunded is booked, in transit to shoppers or due to them; what is due members owe, and the fund is
    ///         empty while anything is due.
    function refundsAreBookedInTransitOrDue() private view {
        (uint256 toShoppersFen, uint256 dueFen) = (credit.toShoppersFen(), credit.dueFen());
        vm.assertEq(handler.refundedFen(), handler.refundsBookedFen() + toShoppersFen + dueFen, "refunded");
        uint256 owedFen = 0;
        for (uint32 member = 1; member <= handler.membersCount(); ++member) {
            owedFen += credit.owedFen(member);
        }
        vm.assertTrue(dueFen <= owedFen, "due is owed");
        vm.assertTrue(dueFen == 0 || credit.fundFen() == 0, "the fund first");
    }
}
