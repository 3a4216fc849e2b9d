// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Directory} from "../../src/Directory.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {World} from "../support/World.sol";

contract FoundDirectoryTest is World {
    function test_refusesToBeginWithAnAddressWithoutCode() public {
        address[] memory list = addresses();
        list[1] = stranger;
        refuses(abi.encodeWithSelector(IGoverned.NotAContract.selector, stranger));
        new Directory(members, 1, names(), list);
    }
}
