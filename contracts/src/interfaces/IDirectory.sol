// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Directory: where the ledger's contracts stand
/// @notice Contracts are replaced, not upgraded: the code at an address never changes. A replaced one stays where it is:
///         orders live out in it, and its events stay part of the ledger. Who knows this contract's address finds all
///         others. Names are those of the contracts, ASCII, padded with zeros on the right.
interface IDirectory {
    /// @param former the address that the name had before, zero for a new name.
    event ContractPointed(bytes32 indexed name, address indexed at, address indexed former);

    error EmptyName();
    /// @dev The two lists of the constructor have one length.
    error ListsDiffer(uint256 names, uint256 addresses);

    /// @notice The contract of this name stands at `at` from now on. Caller: the governor. Event: ContractPointed, unless it
    ///         stood there. Reverts: NotGovernor, NotAContract (IGoverned); EmptyName.
    function point(bytes32 name, address at_) external;

    /// @return the address of now, zero for an unknown name.
    function at(bytes32 name) external view returns (address);

    /// @return every address that the name ever had, in the order in which it was pointed to them; the last is that of now.
    function all(bytes32 name) external view returns (address[] memory);

    /// @return every name, in the order in which they came.
    function names() external view returns (bytes32[] memory);

    /// @return the first block that can hold an event of this ledger.
    function firstBlock() external view returns (uint64);
}
