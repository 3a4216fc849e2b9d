// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {World} from "../support/World.sol";

contract WantAgainTest is World {
    function test_aRepeatSaysNothing() public {
        vm.prank(founder);
        validators.want(FARM, vm.addr(901));

        vm.recordLogs();
        vm.prank(founder);
        validators.want(FARM, vm.addr(901));
        assertNoLogs();
    }
}
