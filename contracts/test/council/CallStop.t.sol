// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICouncil} from "../../src/interfaces/ICouncil.sol";
import {IStops} from "../../src/interfaces/IStops.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {CouncilWorld} from "../support/CouncilWorld.sol";

contract CallStopTest is CouncilWorld {
    function calls(uint32 member, uint64 duration) internal {
        by(member);
        council.callStop(address(statements), statements.record.selector, duration, "a fault");
    }

    function lifts(uint32 member) internal {
        by(member);
        council.callLift(address(statements), statements.record.selector);
    }

    function stoppedUntil() internal view returns (uint64) {
        return members.stoppedUntil(address(statements), statements.record.selector);
    }

    function test_refusesAMemberWithoutASeat() public {
        refusesRole(CARRIER, Role.COUNCIL);
        calls(CARRIER, 1 hours);
    }

    function test_refusesNoTimeAndMoreThanTheConstitutionAllows() public {
        refuses(abi.encodeWithSelector(ICouncil.BadDuration.selector, 0, 1 days));
        calls(FARM, 0);

        refuses(abi.encodeWithSelector(ICouncil.BadDuration.selector, 1 days + 1, 1 days));
        calls(FARM, 1 days + 1);
    }

    function test_refusesToStopWithdrawals() public {
        refuses(abi.encodeWithSelector(IStops.NeverStopped.selector, credit.withdraw.selector));
        by(FARM);
        council.callStop(address(credit), credit.withdraw.selector, 1 hours, "");

        refuses(abi.encodeWithSelector(IStops.NeverStopped.selector, credit.bookWithdrawals.selector));
        by(FARM);
        council.callStop(address(credit), credit.bookWithdrawals.selector, 1 hours, "");

        refuses(abi.encodeWithSelector(IStops.NeverStopped.selector, credit.returnWithdrawal.selector));
        by(FARM);
        council.callStop(address(credit), credit.returnWithdrawal.selector, 1 hours, "");
    }

    function test_oneSeatStopsNothingHoweverOftenItCalls() public {
        calls(FARM, 1 hours);
        calls(FARM, 1 hours);
        vm.assertEq(stoppedUntil(), 0);
    }

    function test_aCallThatIsTooOldDoesNotCount() public {
        calls(FARM, 1 hours);
        vm.warp(NOW + 1 hours + 1);
        calls(MERCHANT, 1 hours);
        vm.assertEq(stoppedUntil(), 0);
    }

    function test_aCallOfOneThatHasNoSeatAnyMoreDoesNotCount() public {
        calls(PLATFORM, 1 hours);
        by(PLATFORM);
        members.leave();
        calls(MERCHANT, 1 hours);
        vm.assertEq(stoppedUntil(), 0);
    }

    function test_twoSeatsStopItForTheShorterTimeAndItEndsByItself() public {
        calls(FARM, 1 days);
        vm.expectEmit(address(council));
        emit ICouncil.StopCalled(MERCHANT, address(statements), statements.record.selector, 2 hours, "a fault");
        vm.expectEmit(address(members));
        emit IStops.FunctionStopped(address(statements), statements.record.selector, NOW + 2 hours, "a fault");
        calls(MERCHANT, 2 hours);

        vm.warp(NOW + 2 hours - 1);
        refusesStopped(address(statements), statements.record.selector, NOW + 2 hours);
        by(FARM);
        statements.record(only("harvest"));

        vm.warp(NOW + 2 hours);
        by(FARM);
        statements.record(only("harvest"));
    }

    function test_twoSeatsLiftItBeforeItsTime() public {
        calls(FARM, 1 days);
        calls(MERCHANT, 1 days);
        lifts(BANK);
        vm.assertTrue(stoppedUntil() != 0);

        vm.expectEmit(address(members));
        emit IStops.FunctionLifted(address(statements), statements.record.selector);
        lifts(FARM);
        by(FARM);
        statements.record(only("harvest"));
    }

    function test_refusesToLiftWhatIsNotStopped() public {
        refuses(abi.encodeWithSelector(ICouncil.NotStopped.selector, address(statements), statements.record.selector));
        lifts(FARM);
    }

    function test_aCallToLiftOneStopLiftsNoLaterOne() public {
        calls(FARM, 1);
        calls(MERCHANT, 1);
        lifts(BANK);
        vm.warp(NOW + 2);
        calls(FARM, 1 hours);
        calls(MERCHANT, 1 hours);
        lifts(FARM);
        vm.assertEq(stoppedUntil(), NOW + 2 + 1 hours);
    }
}
