// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @notice Makes many calls of one contract in one call, and gives their answers.
contract Each {
    struct Answer {
        bool done;
        bytes data;
    }

    function each(address target, bytes[] calldata calls) external view returns (Answer[] memory answers) {
        answers = new Answer[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            (answers[i].done, answers[i].data) = target.staticcall(calls[i]);
        }
    }
}
