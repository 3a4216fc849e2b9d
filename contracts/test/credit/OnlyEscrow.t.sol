// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../../src/interfaces/ICredit.sol";
import {World} from "../support/World.sol";

contract OnlyEscrowTest is World {
    function refusesAllButEscrow(address caller) internal {
        refuses(abi.encodeWithSelector(ICredit.NotEscrow.selector, caller));
    }

    function test_mintingRefusesAnyoneButTheEscrowContractEvenTheBank() public {
        refusesAllButEscrow(accountOf(BANK));
        by(BANK);
        credit.mintToEscrow("order", 100, "CMB-1");

        refusesAllButEscrow(founder);
        vm.prank(founder);
        credit.mintToEscrow("order", 100, "CMB-1");
    }

    function test_releasingRefusesAnyoneButTheEscrowContract() public {
        uint32[] memory payees = new uint32[](1);
        uint64[] memory amountsFen = new uint64[](1);
        (payees[0], amountsFen[0]) = (MERCHANT, 100);

        refusesAllButEscrow(accountOf(MERCHANT));
        by(MERCHANT);
        credit.release(payees, amountsFen);
    }

    function test_releasesNoMoreThanIsHeld() public {
        uint32[] memory payees = new uint32[](1);
        uint64[] memory amountsFen = new uint64[](1);
        (payees[0], amountsFen[0]) = (MERCHANT, 101);
        vm.prank(address(escrow));
        credit.mintToEscrow("order", 100, "CMB-1");

        refuses(abi.encodeWithSelector(ICredit.EscrowHoldsLess.selector, address(escrow), 100, 101));
        vm.prank(address(escrow));
        credit.release(payees, amountsFen);
        assertBalance(MERCHANT, 0, 0);
    }

    function test_knowsItsEscrow() public view {
        vm.assertTrue(credit.isAdmitted(address(escrow)));
        vm.assertEq(address(escrow.credit()), address(credit));
    }
}
