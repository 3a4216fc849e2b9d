// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Directory} from "../../src/Directory.sol";
import {Escrow} from "../../src/Escrow.sol";
import {Statements} from "../../src/Statements.sol";
import {ICredit} from "../../src/interfaces/ICredit.sol";
import {IDirectory} from "../../src/interfaces/IDirectory.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {OrderState} from "../../src/interfaces/IEscrow.sol";
import {CouncilWorld} from "../support/CouncilWorld.sol";

contract PointTest is CouncilWorld {
    function test_refusesAnyoneButTheCouncil() public {
        refusesAllButGovernor(founder);
        vm.prank(founder);
        directory.point("Escrow", address(statements));
    }

    function test_refusesAnAddressWithoutCodeAndNoName() public {
        refuses(abi.encodeWithSelector(IGoverned.NotAContract.selector, stranger));
        vm.prank(address(council));
        directory.point("Escrow", stranger);

        refuses(IDirectory.EmptyName.selector);
        vm.prank(address(council));
        directory.point("", address(statements));
    }

    function test_refusesListsOfTwoLengths() public {
        refuses(abi.encodeWithSelector(IDirectory.ListsDiffer.selector, 2, 1));
        new Directory(members, 1, names(), new address[](1));
    }

    function test_namesItselfAndWhatItWasGiven() public view {
        vm.assertEq(directory.at("Directory"), address(directory));
        vm.assertEq(directory.at("Escrow"), address(escrow));
        vm.assertEq(directory.at("Unheard of"), address(0));
        vm.assertEq(directory.names().length, 3);
    }

    /// @dev A replacement: statements said in the former contract stay said there.
    function test_aReplacedContractIsPointedToAndTheFormerOneStaysKnown() public {
        by(FARM);
        statements.record(only("harvest"));
        Statements successor = new Statements(members);
        uint64 proposal =
            aPassedProposal(address(directory), abi.encodeCall(directory.point, ("Statements", address(successor))));
        vm.warp(NOW + 1 days);
        vm.expectEmit(address(directory));
        emit IDirectory.ContractPointed("Statements", address(successor), address(statements));
        council.execute(proposal);

        vm.assertEq(directory.at("Statements"), address(successor));
        vm.assertEq(directory.all("Statements")[0], address(statements));
        vm.assertEq(statements.recordedAt(FARM, "harvest"), NOW);
    }

    function test_aRepeatSaysNothing() public {
        vm.recordLogs();
        vm.prank(address(council));
        directory.point("Escrow", address(escrow));
        assertNoLogs();
    }
}

contract ReplaceEscrowTest is CouncilWorld {
    Escrow internal successor;

    function setUp() public override {
        super.setUp();
        successor = new Escrow(members, rules, credit, tiers, campaigns);
    }

    function test_refusesAnyoneButTheCouncilAndAnAccount() public {
        refusesAllButGovernor(founder);
        vm.prank(founder);
        credit.admitEscrow(address(successor));

        refuses(abi.encodeWithSelector(IGoverned.NotAContract.selector, stranger));
        vm.prank(address(council));
        credit.admitEscrow(stranger);

        refuses(abi.encodeWithSelector(ICredit.IsNoEscrow.selector, address(rules)));
        vm.prank(address(council));
        credit.admitEscrow(address(rules));

        refuses(abi.encodeWithSelector(ICredit.NotEscrow.selector, address(successor)));
        vm.prank(address(council));
        credit.retireEscrow(address(successor));
    }

    function test_oldOrdersLiveOutInTheOldOneWhichTakesNoNewPayment() public {
        uint32 rule = aRuleInForce(usualLegs());
        bytes32 old = aDeliveredOrder("old", 1000, rule);
        bytes32 unpaid = placed(terms("unpaid", 1000, rule));
        decided(address(credit), abi.encodeCall(credit.admitEscrow, (address(successor))));
        decided(address(credit), abi.encodeCall(credit.retireEscrow, (address(escrow))));

        refuses(abi.encodeWithSelector(ICredit.EscrowIsRetired.selector, address(escrow)));
        by(BANK);
        escrow.pay(payment(unpaid, 1000));

        vm.assertEq(credit.heldFen(address(escrow)), 1000);
        escrow.settle(only(old), packed(usualLegs()));
        assertState(old, OrderState.Settled);
        assertBalance(MERCHANT, 700, 0);
        credit.collect(MERCHANT);
        vm.assertEq(credit.heldFen(address(escrow)), 300);
        assertBalance(MERCHANT, 700, 0);
    }

    function test_anEscrowGivesOutNoMoreThanItMintedItself() public {
        uint32 rule = aRuleInForce(usualLegs());
        aPaidOrder("1", 1000, rule);
        decided(address(credit), abi.encodeCall(credit.admitEscrow, (address(successor))));

        refuses(abi.encodeWithSelector(ICredit.EscrowHoldsLess.selector, address(successor), 0, 1));
        vm.prank(address(successor));
        credit.refund(1, 0, new uint256[](0));
    }
}
