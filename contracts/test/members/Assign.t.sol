// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract AssignTest is World {
    function test_refusesAnyoneButTheRegistrarAndTheGovernor() public {
        refuses(abi.encodeWithSelector(IMembers.NotRegistrar.selector, accountOf(FARM)));
        by(FARM);
        members.assignLocation(FIELD, FARM, "Field");

        refuses(abi.encodeWithSelector(IMembers.NotRegistrar.selector, accountOf(FARM)));
        by(FARM);
        members.assignProduct(LETTUCE, FARM, "Lettuce");
    }

    function test_refusesAnUnknownMember() public {
        refusesUnknown(NOBODY);
        vm.prank(founder);
        members.assignLocation(FIELD, NOBODY, "Field");

        refusesUnknown(NOBODY);
        vm.prank(founder);
        members.assignProduct(LETTUCE, NOBODY, "Lettuce");
    }

    function test_refusesAWrongCheckDigit() public {
        for (uint64 wrong = 1; wrong < 10; ++wrong) {
            uint64 gln = FIELD - 5 + (5 + wrong) % 10;
            refuses(abi.encodeWithSelector(IMembers.BadGln.selector, gln));
            vm.prank(founder);
            members.assignLocation(gln, FARM, "Field");

            uint64 gtin = LETTUCE - 2 + (2 + wrong) % 10;
            refuses(abi.encodeWithSelector(IMembers.BadGtin.selector, gtin));
            vm.prank(founder);
            members.assignProduct(gtin, FARM, "Lettuce");
        }
    }

    function test_refusesZeroAndTooManyDigits() public {
        uint64 gtin14 = 10614141123459; // right for a GTIN, one digit too long for a GLN
        refuses(abi.encodeWithSelector(IMembers.BadGln.selector, gtin14));
        vm.prank(founder);
        members.assignLocation(gtin14, FARM, "Field");

        uint64 sixteen = 1061414112345009; // its digits check, but no GTIN has sixteen
        refuses(abi.encodeWithSelector(IMembers.BadGtin.selector, sixteen));
        vm.prank(founder);
        members.assignProduct(sixteen, FARM, "Lettuce");

        refuses(abi.encodeWithSelector(IMembers.BadGtin.selector, 0));
        vm.prank(founder);
        members.assignProduct(0, FARM, "Nothing");
    }

    function test_assignsALocation() public {
        vm.assertEq(members.holderOfLocation(FIELD), 0);
        vm.expectEmit(address(members));
        emit IMembers.LocationAssigned(FIELD, FARM, unicode"一号田");
        vm.prank(founder);
        members.assignLocation(FIELD, FARM, unicode"一号田");

        vm.assertEq(members.holderOfLocation(FIELD), FARM);
    }

    function test_assignsAProduct() public {
        uint64 case14 = 10614141123459;
        vm.expectEmit(address(members));
        emit IMembers.ProductAssigned(case14, FARM, "Case of lettuce");
        vm.prank(founder);
        members.assignProduct(case14, FARM, "Case of lettuce");

        vm.assertEq(members.ownerOfProduct(case14), FARM);
    }

    function test_theGovernorsLastAssignmentHolds() public {
        vm.prank(founder);
        members.assignProduct(LETTUCE, MERCHANT, "Lettuce");

        vm.assertEq(members.ownerOfProduct(LETTUCE), MERCHANT);
    }

    function test_theRegistrarAssignsAndNamesAnewButTakesNothingAway() public {
        vm.prank(founder);
        members.setRegistrar(stranger);
        vm.prank(stranger);
        members.assignLocation(FIELD, FARM, "Field");
        vm.prank(stranger);
        members.assignLocation(FIELD, FARM, "Field 1");

        refuses(abi.encodeWithSelector(IMembers.GlnTaken.selector, FIELD, FARM));
        vm.prank(stranger);
        members.assignLocation(FIELD, MERCHANT, "Field");

        refuses(abi.encodeWithSelector(IMembers.GtinTaken.selector, LETTUCE, FARM));
        vm.prank(stranger);
        members.assignProduct(LETTUCE, MERCHANT, "Lettuce");
    }

    function test_whoIsNoRegistrarAnyMoreAssignsNothing() public {
        vm.prank(founder);
        members.setRegistrar(stranger);
        vm.expectEmit(address(members));
        emit IMembers.RegistrarSet(address(0));
        vm.prank(founder);
        members.setRegistrar(address(0));

        refuses(abi.encodeWithSelector(IMembers.NotRegistrar.selector, stranger));
        vm.prank(stranger);
        members.assignLocation(FIELD, FARM, "Field");
    }

    function test_refusesAnotherRegistrarByAnyoneButTheGovernor() public {
        refusesAllButGovernor(accountOf(FARM));
        by(FARM);
        members.setRegistrar(accountOf(FARM));
    }
}
