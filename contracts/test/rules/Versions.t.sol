// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IRules, Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

contract VersionsTest is World {
    uint256 private constant RULES_AT = 3; // forge inspect Rules storage-layout

    /// @dev An order keeps 16 bits of the version.
    function test_refusesTheVersionAfterTheLastThatAnOrderCanPin() public {
        Leg[] memory legs = legsOf(residualLeg(MERCHANT));
        (uint32 rule,) = proposed(0, legs, none());
        // As after so many proposals: how many there were stands behind the merchant in the rule's slot.
        bytes32 slot = keccak256(abi.encode(rule, RULES_AT));
        bytes32 many = bytes32(uint256(type(uint16).max - 1) << 32 | uint32(uint256(vm.load(address(rules), slot))));
        vm.store(address(rules), slot, many);
        (, uint32 last) = proposed(rule, legs, none());
        vm.assertEq(last, type(uint16).max);

        refuses(abi.encodeWithSelector(IRules.NoMoreVersions.selector, rule));
        by(MERCHANT);
        rules.propose(rule, legs, none());
    }
}
