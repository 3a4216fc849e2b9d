// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

// Events of every shape, a factory and a proxy: for tests of the index's engine. Compiled into Shapes.json beside it by
// `python -m scripts.bench.compile_solidity tests/index/contracts/Shapes.sol`.

contract Shapes {
    struct Thing {
        uint8 kind;
        string name;
        uint256[] parts;
    }

    event Nested(uint256 indexed id, string indexed title, Thing[] things, bytes raw, int128 balance);
    event Quiet(bytes32 indexed key, uint256 value) anonymous;
    event Plain(bool yes, address who, uint64[2] pair);

    function tell(uint256 id) external {
        uint256[] memory parts = new uint256[](2);
        (parts[0], parts[1]) = (id, type(uint256).max);
        Thing[] memory things = new Thing[](2);
        things[0] = Thing(1, unicode"溯源", parts);
        things[1] = Thing(2, "", new uint256[](0));
        emit Nested(id, "title", things, hex"00ff", -int128(int256(id)));
        emit Quiet(keccak256(abi.encode(id)), id);
        emit Plain(id % 2 == 0, msg.sender, [uint64(id), type(uint64).max]);
    }
}

contract Shop {
    event Stocked(uint256 amount);

    constructor() {
        emit Stocked(1);
    }

    function stock(uint256 amount) external {
        emit Stocked(amount);
    }
}

contract Street {
    event Opened(uint256 indexed number, address shop);

    function open(uint256 number) external {
        emit Opened(number, address(new Shop()));
    }
}

contract Proxy {
    address private immutable _code;

    constructor(address code) {
        _code = code;
    }

    fallback() external {
        (bool done,) = _code.delegatecall(msg.data);
        require(done);
    }
}
