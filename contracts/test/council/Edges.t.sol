// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICouncil} from "../../src/interfaces/ICouncil.sol";
import {CouncilWorld} from "../support/CouncilWorld.sol";
import {World} from "../support/World.sol";

contract CouncilEdgesTest is CouncilWorld {
    bytes4 internal selector;

    function calls(uint32 member, uint64 duration) internal {
        by(member);
        council.callStop(address(statements), selector, duration, "a fault");
    }

    function test_refusesToStopWhatIsNoContract() public {
        refuses(abi.encodeWithSelector(ICouncil.NoContract.selector, stranger));
        by(FARM);
        council.callStop(stranger, statements.record.selector, 1 hours, "a fault");
    }

    function test_aProposalWhoseContractIsGoneIsNotExecuted() public {
        uint64 proposal = aPassedProposal(address(statements), abi.encodeCall(statements.record, (only("harvest"))));
        vm.warp(NOW + 1 days);
        vm.etch(address(statements), "");
        refuses(abi.encodeWithSelector(ICouncil.NoContract.selector, address(statements)));
        council.execute(proposal);
    }

    function test_aStopLastsAsLongAsTheShortestCallAsks() public {
        selector = statements.record.selector;
        calls(FARM, 1 hours);
        calls(MERCHANT, 2 hours);
        vm.assertEq(members.stoppedUntil(address(statements), selector), NOW + 1 hours);
    }
}

contract CouncilWithoutSeatsTest is World {
    function test_whereNobodyHasASeatNothingIsDecided() public view {
        (uint32 yes, uint32 needed) = council.votes(1);
        vm.assertEq(yes, 0);
        vm.assertEq(needed, 1);
    }
}
