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

    function test_refundingRefusesAnyoneButTheEscrowContract() public {
        uint256[] memory debits = oneEntry(MERCHANT, 100);

        refusesAllButEscrow(accountOf(MERCHANT));
        by(MERCHANT);
        credit.refund(0, 0, debits);
    }

    function test_refundsNoMoreThanIsHeld() public {
        vm.prank(address(escrow));
        credit.mintToEscrow("order", 100, "CMB-1");

        refuses(abi.encodeWithSelector(ICredit.EscrowHoldsLess.selector, address(escrow), 100, 101));
        vm.prank(address(escrow));
        credit.refund(101, 0, new uint256[](0));
        vm.assertEq(credit.toShoppersFen(), 0);
    }

    function test_takesBackNoMoreThanWasCollectedFromIt() public {
        uint256[] memory debits = oneEntry(MERCHANT, 101);
        merchantHolds(100);
        credit.collect(MERCHANT);

        refuses(abi.encodeWithSelector(ICredit.EscrowGaveLess.selector, address(escrow), 100, 101));
        vm.prank(address(escrow));
        credit.refund(0, 0, debits);
        assertBalance(MERCHANT, 100, 0);
    }

    function test_knowsItsEscrow() public view {
        vm.assertTrue(credit.isAdmitted(address(escrow)));
        vm.assertEq(address(escrow.credit()), address(credit));
    }

    function test_refusesAnyoneButTheEscrowContractAlsoWithoutDebits() public {
        refusesAllButEscrow(stranger);
        vm.prank(stranger);
        credit.refund(0, 0, new uint256[](0));
    }

    function test_aRetiredEscrowContractStillRefunds() public {
        bytes32 order = aPaidOrder("1", 1000, aRuleInForce(usualLegs()));
        vm.prank(founder);
        credit.retireEscrow(address(escrow));
        refunded(order, 1, 1000, "");
        vm.assertEq(credit.toShoppersFen(), 1000);
    }
}
