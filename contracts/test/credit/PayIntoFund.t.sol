// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../../src/interfaces/ICredit.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

contract PayIntoFundTest is World {
    function test_refusesAStrangerASuspendedMemberAndAnOperatorWithoutTheTreasury() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        credit.payIntoFund(1);

        merchantHolds(100);
        operator(MERCHANT, Role.MERCHANT);
        refusesRole(MERCHANT, Role.TREASURY);
        byOperator();
        credit.payIntoFund(1);

        suspended(MERCHANT);
        refusesInactive(MERCHANT);
        by(MERCHANT);
        credit.payIntoFund(1);
    }

    function test_refusesNothingAFrozenMemberAndMoreThanIsAvailable() public {
        merchantHolds(100);
        refuses(ICredit.ZeroAmount.selector);
        by(MERCHANT);
        credit.payIntoFund(0);

        refuses(abi.encodeWithSelector(ICredit.NotEnoughCredit.selector, MERCHANT, 100, 101));
        by(MERCHANT);
        credit.payIntoFund(101);

        frozen(MERCHANT);
        refuses(abi.encodeWithSelector(ICredit.AccountIsFrozen.selector, MERCHANT));
        by(MERCHANT);
        credit.payIntoFund(1);
    }

    function test_movesFromAvailableToTheFund() public {
        merchantHolds(100);
        vm.expectEmit(address(credit));
        emit ICredit.FundPaidIn(MERCHANT, 60, 0);
        by(MERCHANT);
        credit.payIntoFund(60);

        assertBalance(MERCHANT, 40, 0);
        vm.assertEq(credit.fundFen(), 60);
        vm.assertEq(credit.supplyFen(), 100);
    }

    function test_whatIsDueToShoppersComesFirst() public {
        Leg[] memory legs = legsOf(shareLeg(CREATOR, 5000, 0), residualLeg(MERCHANT));
        bytes32 order = aSettledOrder("1", 1000, aRuleInForce(legs), legs);
        by(CREATOR);
        credit.transfer(FARM, 500, "");
        refunded(order, 1, 100, packed(legs)); // 50 are due
        vm.assertEq(credit.dueFen(), 50);

        vm.expectEmit(address(credit));
        emit ICredit.FundPaidIn(FARM, 80, 50);
        by(FARM);
        credit.payIntoFund(80);

        vm.assertEq(credit.dueFen(), 0);
        vm.assertEq(credit.toShoppersFen(), 100);
        vm.assertEq(credit.fundFen(), 30);
        vm.assertEq(credit.owedFen(CREATOR), 50); // still
    }
}
