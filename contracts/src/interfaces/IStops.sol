// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Stops: a function of one contract is out of use for a while
/// @notice A stop holds in the contracts that ask before they act (IMembers.requireMayAct, requireGrant,
///         requireActive, requireNotStopped), and ends by itself. Withdrawals never ask, nor do acts of governance.
interface IStops {
    event FunctionStopped(address indexed target, bytes4 indexed selector, uint64 until, string reason);
    event FunctionLifted(address indexed target, bytes4 indexed selector);

    error FunctionIsStopped(address target, bytes4 selector, uint64 until);
    /// @dev ICredit.collect, withdraw, bookWithdrawals, returnWithdrawal, bookRefunds and returnRefund: what is earned, or
    ///      given back, can always be taken out.
    error NeverStopped(bytes4 selector);
    /// @dev A stop ends later than now and at the latest 30 days from now.
    error BadStop(uint64 until, uint64 nowAt, uint64 latest);

    /// @notice Calls of this function are refused before `until` (Unix seconds). Caller: the governor. Of two stops
    ///         the one that ends later holds. Event: FunctionStopped, unless it was stopped as long or longer. Reverts:
    ///         NotGovernor (IGoverned); NeverStopped; BadStop.
    function stop(address target, bytes4 selector, uint64 until, string calldata reason) external;

    /// @notice Ends a stop before its time. Caller: the governor. Event: FunctionLifted, unless it was not stopped.
    ///         Reverts: NotGovernor (IGoverned).
    function lift(address target, bytes4 selector) external;

    /// @notice Reverts: FunctionIsStopped when this function of the calling contract is stopped.
    function requireNotStopped(bytes4 selector) external view;

    /// @return false for the functions by which members take out what they earned.
    function isStoppable(bytes4 selector) external pure returns (bool);

    /// @return until the Unix second from which the function may be called again; past or 0 when it is not stopped.
    function stoppedUntil(address target, bytes4 selector) external view returns (uint64 until);
}
