// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {World} from "../support/World.sol";

contract EscrowsTest is World {
    function test_admittingAndRetiringAgainSayNothing() public {
        vm.recordLogs();
        vm.prank(founder);
        credit.admitEscrow(address(escrow));
        assertNoLogs();

        vm.prank(founder);
        credit.retireEscrow(address(escrow));
        vm.recordLogs();
        vm.prank(founder);
        credit.retireEscrow(address(escrow));
        assertNoLogs();
        vm.assertFalse(credit.isAdmitted(address(escrow)));
    }
}
