// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Governed: who decides for the consortium
/// @notice At first the founding account, which admits the first members and deploys the rest; then the Council, for
///         good: the founder keeps no power but what the Council gives it (see IMembers.setRegistrar).
interface IGoverned {
    event GovernanceHandedOver(address indexed from, address indexed to);

    error NotGovernor(address caller);
    error NotAContract(address at);

    /// @notice Gives governance to another contract, at the end of the founding to the Council. Caller: the governor.
    ///         Event: GovernanceHandedOver. Reverts: NotGovernor; NotAContract for an address without code.
    /// @dev Cannot be undone by the one that gives. The Council itself may hand over to a successor, by a proposal.
    function handOver(address to) external;

    /// @return the founding account until it handed over, then the Council.
    function governor() external view returns (address);
}
