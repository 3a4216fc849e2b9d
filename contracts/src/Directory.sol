// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IDirectory} from "./interfaces/IDirectory.sol";
import {IGoverned} from "./interfaces/IGoverned.sol";
import {IMembers} from "./interfaces/IMembers.sol";

/// @title Directory
/// @notice See IDirectory.
contract Directory is IDirectory {
    IMembers public immutable members;
    /// @inheritdoc IDirectory
    uint64 public immutable firstBlock;

    bytes32[] private _names;
    mapping(bytes32 name => address[]) private _all;

    /// @param names_ of the contracts that were deployed before this one, and `addresses` where they stand.
    constructor(IMembers members_, uint64 firstBlock_, bytes32[] memory names_, address[] memory addresses) {
        if (names_.length != addresses.length) revert ListsDiffer(names_.length, addresses.length);
        members = members_;
        firstBlock = firstBlock_;

        _point("Directory", address(this));
        for (uint256 i = 0; i < names_.length; ++i) {
            if (addresses[i].code.length == 0) revert IGoverned.NotAContract(addresses[i]);
            _point(names_[i], addresses[i]);
        }
    }

    /// @inheritdoc IDirectory
    function point(bytes32 name, address at_) external {
        if (msg.sender != members.governor()) revert IGoverned.NotGovernor(msg.sender);
        if (at_.code.length == 0) revert IGoverned.NotAContract(at_);

        _point(name, at_);
    }

    // --- reads ---

    /// @inheritdoc IDirectory
    function at(bytes32 name) public view returns (address) {
        uint256 count = _all[name].length;
        return count == 0 ? address(0) : _all[name][count - 1];
    }

    /// @inheritdoc IDirectory
    function all(bytes32 name) external view returns (address[] memory) {
        return _all[name];
    }

    /// @inheritdoc IDirectory
    function names() external view returns (bytes32[] memory) {
        return _names;
    }

    function _point(bytes32 name, address at_) private {
        if (name == 0) revert EmptyName();
        address former = at(name);
        if (former == at_) return;

        if (former == address(0)) _names.push(name);
        _all[name].push(at_);

        emit ContractPointed(name, at_, former);
    }
}
