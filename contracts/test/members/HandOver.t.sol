// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Council} from "../../src/Council.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {CouncilWorld} from "../support/CouncilWorld.sol";
import {World} from "../support/World.sol";

contract HandOverTest is World {
    function test_refusesAnyoneButTheGovernor() public {
        refusesAllButGovernor(stranger);
        vm.prank(stranger);
        members.handOver(address(council));
    }

    function test_refusesAnAccountWithoutCode() public {
        refuses(abi.encodeWithSelector(IGoverned.NotAContract.selector, stranger));
        vm.prank(founder);
        members.handOver(stranger);
    }

    function test_endsTheFounding() public {
        vm.expectEmit(address(members));
        emit IGoverned.GovernanceHandedOver(founder, address(council));
        vm.prank(founder);
        members.handOver(address(council));

        vm.assertEq(members.governor(), address(council));
        refusesAllButGovernor(founder);
        vm.prank(founder);
        members.suspend(FARM, "once more");
        refusesAllButGovernor(founder);
        vm.prank(founder);
        members.handOver(address(council));
    }
}

contract SucceedTest is CouncilWorld {
    function test_theCouncilHandsOverToASuccessorByAProposalAndCanDoNothingAfter() public {
        Council successor = new Council(members, aConstitution());
        uint64 pending = aPassedProposal(address(members), suspension(CARRIER));
        decided(address(members), abi.encodeCall(members.handOver, (address(successor))));

        refusesAllButGovernor(address(council));
        council.execute(pending);
    }
}
