// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../interfaces/ICredit.sol";
import {IStops} from "../interfaces/IStops.sol";
import {Governed} from "./Governed.sol";

/// @title Stops
/// @notice See IStops.
abstract contract Stops is IStops, Governed {
    uint64 private constant MOST_SECONDS = 30 days;

    /// @inheritdoc IStops
    mapping(address target => mapping(bytes4 selector => uint64 until)) public stoppedUntil;

    /// @inheritdoc IStops
    function stop(address target, bytes4 selector, uint64 until, string calldata reason) external onlyGovernor {
        if (!isStoppable(selector)) revert NeverStopped(selector);
        uint64 nowAt = uint64(block.timestamp);
        if (until <= nowAt || until > nowAt + MOST_SECONDS) revert BadStop(until, nowAt, nowAt + MOST_SECONDS);
        if (until <= stoppedUntil[target][selector]) return;

        stoppedUntil[target][selector] = until;

        emit FunctionStopped(target, selector, until, reason);
    }

    /// @inheritdoc IStops
    function lift(address target, bytes4 selector) external onlyGovernor {
        if (stoppedUntil[target][selector] <= block.timestamp) return;

        delete stoppedUntil[target][selector];

        emit FunctionLifted(target, selector);
    }

    /// @inheritdoc IStops
    function requireNotStopped(bytes4 selector) external view {
        _requireNotStopped(selector);
    }

    /// @inheritdoc IStops
    function isStoppable(bytes4 selector) public pure returns (bool) {
        return selector != ICredit.withdraw.selector && selector != ICredit.bookWithdrawals.selector
            && selector != ICredit.returnWithdrawal.selector && selector != ICredit.bookRefunds.selector
            && selector != ICredit.returnRefund.selector && selector != ICredit.collect.selector;
    }

    /// @dev The function of the contract that asks.
    function _requireNotStopped(bytes4 selector) internal view {
        uint64 until = stoppedUntil[msg.sender][selector];
        if (block.timestamp < until) revert FunctionIsStopped(msg.sender, selector, until);
    }
}
