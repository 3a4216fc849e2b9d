// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @notice A token as most are: balances by address, a Transfer event each.
contract TokenLike {
    event Transfer(address indexed from, address indexed to, uint256 amount);

    error NotEnough(address from, uint256 balance, uint256 needed);

    mapping(address holder => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        uint256 balance = balanceOf[msg.sender];
        if (balance < amount) revert NotEnough(msg.sender, balance, amount);
        unchecked {
            balanceOf[msg.sender] = balance - amount;
            balanceOf[to] += amount;
        }
        emit Transfer(msg.sender, to, amount);
        return true;
    }
}

/// @notice What a splitter that pushes does, in the way of 0xSplits' PushSplit and written anew for comparison: the split is
///         repeated and checked by hash, and what the contract holds of a token goes out by one call of the token for each
///         recipient. It leaves out what costs the original more: the proxy in front, the pause, the warehouse's balance and the
///         distributor's reward.
contract PushSplitLike {
    struct Split {
        address[] recipients;
        uint256[] allocations;
        uint256 totalAllocation;
        uint16 distributionIncentive;
    }

    event SplitDistributed(address indexed token, address indexed distributor, uint256 amount);

    error InvalidSplit();
    error TransferFailed(address recipient);

    bytes32 public splitHash;

    constructor(Split memory split) {
        splitHash = keccak256(abi.encode(split));
    }

    function distribute(Split calldata split, TokenLike token, address distributor) external {
        if (keccak256(abi.encode(split)) != splitHash) revert InvalidSplit();
        uint256 amount = token.balanceOf(address(this)) - 1; // its slot stays warm
        for (uint256 i = 0; i < split.recipients.length; ++i) {
            uint256 part = amount * split.allocations[i] / split.totalAllocation;
            if (!token.transfer(split.recipients[i], part)) revert TransferFailed(split.recipients[i]);
        }
        emit SplitDistributed(address(token), distributor, amount);
    }
}
