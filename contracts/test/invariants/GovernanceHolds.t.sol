// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Vm} from "../support/Vm.sol";
import {GovernanceHandler} from "./GovernanceHandler.sol";

/// @notice After any acts of anybody, in any order.
contract GovernanceHoldsTest {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    GovernanceHandler internal handler;

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function setUp() public {
        handler = new GovernanceHandler();
    }

    /// @dev forge calls only these.
    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory acts = new bytes4[](7);
        (acts[0], acts[1], acts[2]) =
        (handler.pass.selector, handler.proposeSuspension.selector, handler.proposeReinstatement.selector);
        (acts[3], acts[4], acts[5]) = (handler.vote.selector, handler.execute.selector, handler.callStop.selector);
        acts[6] = handler.intrude.selector;
        targets[0] = FuzzSelector({addr: address(handler), selectors: acts});
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @notice Nothing is done that more than two thirds of the seats did not want for the whole delay.
    function invariant_noActWithoutQuorumAndDelay() public view {
        vm.assertEq(handler.wrongExecutions(), 0);
    }

    /// @notice A stop that seats call ends within a day.
    function invariant_aStopEnds() public view {
        vm.assertTrue(handler.stopLeft() <= 1 days);
    }

    /// @notice The number of seats is that of the active members with one, and never zero.
    function invariant_seatsAreCounted() public view {
        vm.assertEq(handler.seats(), handler.countedSeats());
        vm.assertTrue(handler.seats() > 0);
    }

    /// @notice Whatever is stopped, withdrawals are not.
    function invariant_withdrawalsAreNeverStopped() public view {
        vm.assertFalse(handler.withdrawalsCanBeStopped());
    }
}
