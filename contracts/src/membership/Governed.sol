// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IGoverned} from "../interfaces/IGoverned.sol";

/// @title Governed
/// @notice See IGoverned.
abstract contract Governed is IGoverned {
    /// @inheritdoc IGoverned
    address public governor;

    modifier onlyGovernor() {
        _requireGovernor();
        _;
    }

    constructor(address founder) {
        governor = founder;
    }

    /// @inheritdoc IGoverned
    function handOver(address to) external onlyGovernor {
        if (to.code.length == 0) revert NotAContract(to);
        address from = governor;

        governor = to;

        emit GovernanceHandedOver(from, to);
    }

    function _requireGovernor() private view {
        if (msg.sender != governor) revert NotGovernor(msg.sender);
    }
}
