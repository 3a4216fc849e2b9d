// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {IMembers} from "../../src/interfaces/IMembers.sol";
import {IStops} from "../../src/interfaces/IStops.sol";
import {World} from "../support/World.sol";

contract StopTest is World {
    uint64 internal constant UNTIL = NOW + 1 hours;

    function stops(address target, bytes4 selector, uint64 until) internal {
        vm.prank(founder);
        members.stop(target, selector, until, "a fault");
    }

    /// @dev The next call must be refused because this function is stopped.
    function stopped(address target, bytes4 selector) internal {
        stops(target, selector, UNTIL);
        refusesStopped(target, selector, UNTIL);
    }

    function test_refusesAnyoneButTheGovernor() public {
        refusesAllButGovernor(stranger);
        vm.prank(stranger);
        members.stop(address(statements), statements.record.selector, UNTIL, "");

        refusesAllButGovernor(stranger);
        vm.prank(stranger);
        members.lift(address(statements), statements.record.selector);
    }

    function test_refusesToStopWithdrawals() public {
        bytes4[6] memory never = [
            credit.collect.selector,
            credit.withdraw.selector,
            credit.bookWithdrawals.selector,
            credit.returnWithdrawal.selector,
            credit.bookRefunds.selector,
            credit.returnRefund.selector
        ];
        for (uint256 i = 0; i < never.length; ++i) {
            refuses(abi.encodeWithSelector(IStops.NeverStopped.selector, never[i]));
            stops(address(credit), never[i], UNTIL);
        }
    }

    function test_refusesAStopThatIsOverOrLongerThanThirtyDays() public {
        refuses(abi.encodeWithSelector(IStops.BadStop.selector, NOW, NOW, NOW + 30 days));
        stops(address(statements), statements.record.selector, NOW);

        refuses(abi.encodeWithSelector(IStops.BadStop.selector, NOW + 30 days + 1, NOW, NOW + 30 days));
        stops(address(statements), statements.record.selector, NOW + 30 days + 1);
    }

    function test_everyActOfTradeCanBeStopped() public {
        stopped(address(statements), statements.record.selector);
        by(FARM);
        statements.record(only("harvest"));

        IMembers.Grant memory grant = aGrant();
        bytes memory signature = signatureOf(FARM, members.hashGrant(grant));
        stopped(address(statements), statements.recordFor.selector);
        vm.prank(stranger);
        statements.recordFor(only("harvest"), grant, signature);

        stopped(address(itemCodes), itemCodes.commitItems.selector);
        by(FARM);
        itemCodes.commitItems(LETTUCE, "L1", "root", 1, "manifest");

        stopped(address(recalls), recalls.openRecall.selector);
        by(FARM);
        recalls.openRecall(LETTUCE, "L1", "why");

        stopped(address(credit), credit.transfer.selector);
        by(MERCHANT);
        credit.transfer(FARM, 1, "");

        stopped(address(escrow), escrow.place.selector);
        by(MERCHANT);
        escrow.place(new IEscrow.OrderTerms[](0));

        stopped(address(escrow), escrow.pay.selector);
        by(BANK);
        escrow.pay(new IEscrow.Payment[](0));

        stopped(address(escrow), escrow.deliver.selector);
        by(CARRIER);
        escrow.deliver(only("order"), "checkpoint");

        stopped(address(escrow), escrow.settle.selector);
        escrow.settle(only("order"), "");

        stopped(address(escrow), escrow.deliverAndSettle.selector);
        by(CARRIER);
        escrow.deliverAndSettle(only("order"), "checkpoint", "");

        stopped(address(escrow), escrow.refund.selector);
        by(MERCHANT);
        escrow.refund(new IEscrow.Refund[](0), "");

        stopped(address(credit), credit.payIntoFund.selector);
        by(MERCHANT);
        credit.payIntoFund(1);
    }

    function test_everyActOnBatchesCanBeStopped() public {
        stopped(address(escrow), escrow.placeBatch.selector);
        by(MERCHANT);
        escrow.placeBatch(batchTerms(1, 1));

        stopped(address(escrow), escrow.payBatch.selector);
        by(BANK);
        escrow.payBatch("batch", "", "");

        stopped(address(escrow), escrow.settleBatch.selector);
        by(CARRIER);
        escrow.settleBatch("batch", new uint256[](0), "", "checkpoint", "");

        stopped(address(escrow), escrow.refundBatch.selector);
        by(MERCHANT);
        escrow.refundBatch("batch", new uint256[](0), "", "", "");

        stopped(address(escrow), escrow.takeOut.selector);
        by(MERCHANT);
        escrow.takeOut("batch", new uint256[](0), "");
    }

    function test_closingARecallProposingAndSigningCanBeStopped() public {
        by(FARM);
        recalls.openRecall(LETTUCE, "L1", "why");
        stopped(address(recalls), recalls.closeRecall.selector);
        by(FARM);
        recalls.closeRecall(LETTUCE, "L1");

        (uint32 rule, uint32 version) = proposed(0, legsOf(residualLeg(MERCHANT)), none());
        bytes memory signature = signatureOf(MERCHANT, rules.digest(rule, version));
        stopped(address(rules), rules.sign.selector);
        rules.sign(rule, version, MERCHANT, signature);

        stopped(address(rules), rules.propose.selector);
        by(MERCHANT);
        rules.propose(0, legsOf(residualLeg(MERCHANT)), none());
    }

    function test_stopsThatFunctionOfThatContractAlone() public {
        stops(address(escrow), escrow.pay.selector, UNTIL);
        by(FARM);
        statements.record(only("harvest"));
        by(CARRIER);
        escrow.deliver(new bytes32[](0), "checkpoint");
    }

    function test_ofTwoStopsTheLaterEndHolds() public {
        stops(address(statements), statements.record.selector, UNTIL);
        vm.recordLogs();
        stops(address(statements), statements.record.selector, UNTIL - 1);
        assertNoLogs();
        vm.assertEq(members.stoppedUntil(address(statements), statements.record.selector), UNTIL);
    }

    function test_endsByItself() public {
        stops(address(statements), statements.record.selector, UNTIL);
        vm.warp(UNTIL);
        by(FARM);
        statements.record(only("harvest"));
    }

    function test_liftingWhatIsNotStoppedSaysNothing() public {
        vm.recordLogs();
        vm.prank(founder);
        members.lift(address(statements), statements.record.selector);
        assertNoLogs();
    }
}
