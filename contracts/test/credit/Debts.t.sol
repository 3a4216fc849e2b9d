// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../../src/interfaces/ICredit.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

/// @notice A refund takes back what a payee has spent: the guarantee fund covers it, or it is due, and the payee owes it.
contract DebtsTest is World {
    uint32 internal rule;
    bytes32 internal order;

    /// @dev The creator had 500 of the order, and the merchant 500; the creator spent 400 of it.
    function setUp() public override {
        super.setUp();
        rule = aRuleInForce(theLegs());
        order = aSettledOrder("1", 1000, rule, theLegs());
        by(CREATOR);
        credit.transfer(FARM, 400, "");
    }

    function theLegs() internal pure returns (Leg[] memory) {
        return legsOf(shareLeg(CREATOR, 5000, 0), residualLeg(MERCHANT));
    }

    function fundHas(uint64 amountFen) internal {
        by(FARM);
        credit.payIntoFund(amountFen);
    }

    function assertPools(uint64 fundFen, uint64 toShoppersFen, uint64 dueFen) internal view {
        vm.assertEq(credit.fundFen(), fundFen, "fund");
        vm.assertEq(credit.toShoppersFen(), toShoppersFen, "to shoppers");
        vm.assertEq(credit.dueFen(), dueFen, "due");
    }

    function test_whatThePayeeStillHasIsTakenAndNobodyOwes() public {
        refunded(order, 1, 200, packed(theLegs())); // 100 of each
        assertBalance(CREATOR, 0, 0);
        vm.assertEq(credit.owedFen(CREATOR), 0);
        assertPools(0, 200, 0);
    }

    function test_whatItHasNotIsDueWhenTheFundIsEmpty() public {
        vm.expectEmit(address(escrow));
        emit IEscrow.OrderRefunded(order, 1, 600, 600, true, "one wilted");
        vm.expectEmit(address(credit));
        emit ICredit.RefundUncovered(CREATOR, 0, 200);
        refunded(order, 1, 600, packed(theLegs())); // 300 of each, and the creator has 100

        vm.assertEq(credit.owedFen(CREATOR), 200);
        assertPools(0, 400, 200);
        vm.assertEq(credit.supplyFen(), 1000);
    }

    function test_theFundCoversItFirst() public {
        fundHas(150);
        vm.expectEmit(address(credit));
        emit ICredit.RefundUncovered(CREATOR, 150, 50);
        refunded(order, 1, 600, packed(theLegs()));

        vm.assertEq(credit.owedFen(CREATOR), 200);
        assertPools(0, 550, 50);
    }

    function test_aFundThatIsLargerIsDueNothing() public {
        fundHas(250);
        vm.expectEmit(address(credit));
        emit ICredit.RefundUncovered(CREATOR, 200, 0);
        refunded(order, 1, 600, packed(theLegs()));
        assertPools(50, 600, 0);
    }

    function test_whatTheDebtorCollectsPaysShoppersThenTheFund() public {
        fundHas(150);
        refunded(order, 1, 600, packed(theLegs()));

        aSettledOrder("2", 200, rule, theLegs()); // 100 to each
        vm.assertEq(credit.availableFen(CREATOR), 100);
        vm.expectEmit(address(credit));
        emit ICredit.DebtPaid(CREATOR, 100, 50);
        credit.collect(CREATOR);
        assertBalance(CREATOR, 0, 0);
        vm.assertEq(credit.owedFen(CREATOR), 100);
        assertPools(50, 600, 0);

        aSettledOrder("3", 300, rule, theLegs()); // 150 to each
        vm.expectEmit(address(credit));
        emit ICredit.DebtPaid(CREATOR, 100, 0);
        credit.collect(CREATOR);
        assertBalance(CREATOR, 50, 0);
        vm.assertEq(credit.owedFen(CREATOR), 0);
        assertPools(150, 600, 0);

        vm.recordLogs();
        aSettledOrder("4", 100, rule, theLegs());
        vm.getRecordedLogs();
        credit.collect(CREATOR);
        assertNoLogs(); // it owes no more
        assertBalance(CREATOR, 100, 0);
    }

    function test_whatIsTransferredToADebtorPaysItsDebt() public {
        refunded(order, 1, 600, packed(theLegs()));
        vm.expectEmit(address(credit));
        emit ICredit.CreditTransferred(FARM, CREATOR, 300, "");
        vm.expectEmit(address(credit));
        emit ICredit.DebtPaid(CREATOR, 200, 200);
        by(FARM);
        credit.transfer(CREATOR, 300, "");

        assertBalance(CREATOR, 100, 0);
        assertPools(0, 600, 0);
    }

    function test_aDebtorThatSpendsPaysFirst() public {
        refunded(order, 1, 600, packed(theLegs()));
        aSettledOrder("2", 500, rule, theLegs()); // 250 to each

        refuses(abi.encodeWithSelector(ICredit.NotEnoughCredit.selector, CREATOR, 50, 51));
        by(CREATOR);
        credit.withdraw(51, "w1");
        by(CREATOR);
        credit.withdraw(50, "w1");
        vm.assertEq(credit.owedFen(CREATOR), 0);
        assertPools(0, 600, 0);
    }

    function test_aWithdrawalThatComesBackPaysTheDebt() public {
        by(CREATOR);
        uint64 withdrawal = credit.withdraw(100, "w1");
        refunded(order, 1, 200, packed(theLegs()));
        vm.assertEq(credit.owedFen(CREATOR), 100);

        vm.expectEmit(address(credit));
        emit ICredit.DebtPaid(CREATOR, 100, 100);
        by(BANK);
        credit.returnWithdrawal(withdrawal, "wrong account");
        assertBalance(CREATOR, 0, 0);
        assertPools(0, 200, 0);
    }

    function test_debtsOfSeveralRefundsAddUp() public {
        refunded(order, 1, 600, packed(theLegs()));
        refunded(order, 2, 400, packed(theLegs()));
        vm.assertEq(credit.owedFen(CREATOR), 400);
        assertPools(0, 600, 400);
        vm.assertEq(credit.heldFen(address(escrow)), 0);
    }

    function test_aResidualMayNotGrowByAFenThatNobodyHas() public {
        Leg[] memory legs = legsOf(
            shareLeg(CREATOR, 3334, 0), shareLeg(CARRIER, 3333, 0), shareLeg(PLATFORM, 3333, 0), residualLeg(MERCHANT)
        );
        bytes32 settled = aSettledOrder("2", 100, aRuleInForce(legs), legs);
        by(CREATOR);
        credit.withdraw(133, "w1");
        by(CARRIER);
        credit.withdraw(33, "w1");
        by(PLATFORM);
        credit.withdraw(33, "w1");

        // From 100 to 99 the carrier and the platform give back a fen each, which they have not, and the merchant
        // would gain one: nothing is in transit that could lend it.
        refuses(abi.encodeWithSelector(ICredit.NotEnoughInTransit.selector, 2, 3));
        refunded(settled, 1, 1, packed(legs));

        refunded(order, 1, 100, packed(theLegs()));
        refunded(settled, 1, 1, packed(legs));
        vm.assertEq(credit.dueFen(), 52);
        vm.assertEq(credit.toShoppersFen(), 101 - 52);
    }
}
