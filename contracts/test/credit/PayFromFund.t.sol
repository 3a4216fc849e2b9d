// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../../src/interfaces/ICredit.sol";
import {World} from "../support/World.sol";

contract PayFromFundTest is World {
    function setUp() public override {
        super.setUp();
        merchantHolds(100);
        by(MERCHANT);
        credit.payIntoFund(60);
    }

    function pay(uint32 to, uint64 amountFen) internal {
        vm.prank(founder);
        credit.payFromFund(to, amountFen, "hail");
    }

    function test_refusesAnyoneButTheGovernor() public {
        refusesAllButGovernor(accountOf(MERCHANT));
        by(MERCHANT);
        credit.payFromFund(MERCHANT, 1, "");
    }

    function test_refusesAnUnknownMemberNothingAndMoreThanTheFundHas() public {
        refusesUnknown(NOBODY);
        pay(NOBODY, 1);
        refuses(ICredit.ZeroAmount.selector);
        pay(FARM, 0);
        refuses(abi.encodeWithSelector(ICredit.NotEnoughInFund.selector, 60, 61));
        pay(FARM, 61);
    }

    function test_paysAMember() public {
        vm.expectEmit(address(credit));
        emit ICredit.FundPaidOut(FARM, 60, "hail");
        pay(FARM, 60);

        assertBalance(FARM, 60, 0);
        vm.assertEq(credit.fundFen(), 0);
        vm.assertEq(credit.supplyFen(), 100);
    }

    function test_aDebtorPaysItsDebtOfIt() public {
        bytes32 order = aSettledOrder("2", 100, aRuleInForce(usualLegs()), usualLegs());
        by(PLATFORM);
        credit.withdraw(50, "w1");
        refunded(order, 1, 90, packed(usualLegs())); // the platform owes 40, which the fund pays
        vm.assertEq(credit.owedFen(PLATFORM), 40);
        vm.assertEq(credit.fundFen(), 20);

        vm.expectEmit(address(credit));
        emit ICredit.DebtPaid(PLATFORM, 20, 0);
        pay(PLATFORM, 20);
        vm.assertEq(credit.owedFen(PLATFORM), 20);
        vm.assertEq(credit.fundFen(), 20);
    }
}
