// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Council} from "../../src/Council.sol";
import {Constitution, ICouncil} from "../../src/interfaces/ICouncil.sol";
import {CouncilWorld} from "../support/CouncilWorld.sol";

contract ChangeConstitutionTest is CouncilWorld {
    function refusesField(Constitution memory bad, string memory field, uint256 value) internal {
        refuses(abi.encodeWithSelector(ICouncil.BadConstitution.selector, field, value));
        new Council(members, bad);
    }

    function test_refusesAnyoneButTheCouncilItself() public {
        refuses(abi.encodeWithSelector(ICouncil.NotTheCouncil.selector, accountOf(FARM)));
        by(FARM);
        council.changeConstitution(aConstitution());
    }

    function test_refusesAQuorumWithWhichTwoContraryProposalsCouldPass() public {
        Constitution memory bad = aConstitution();
        bad.quorumBps = 5000;
        refusesField(bad, "quorumBps", 5000);
        bad.quorumBps = 10_001;
        refusesField(bad, "quorumBps", 10_001);
    }

    function test_refusesTimesInWhichNothingCouldBeDecided() public {
        Constitution memory bad = aConstitution();
        bad.delaySeconds = 90 days + 1;
        refusesField(bad, "delaySeconds", 90 days + 1);
        bad = aConstitution();
        bad.votingSeconds = 1 hours - 1;
        refusesField(bad, "votingSeconds", 1 hours - 1);
        bad = aConstitution();
        bad.executionSeconds = 0;
        refusesField(bad, "executionSeconds", 0);
    }

    function test_refusesAnEmergencyByOneAloneOrWithoutAnEnd() public {
        Constitution memory bad = aConstitution();
        bad.emergencySeats = 1;
        refusesField(bad, "emergencySeats", 1);
        bad = aConstitution();
        bad.emergencyMaxSeconds = 30 days + 1;
        refusesField(bad, "emergencyMaxSeconds", 30 days + 1);
        bad = aConstitution();
        bad.emergencyWindowSeconds = 0;
        refusesField(bad, "emergencyWindowSeconds", 0);
    }

    function test_changesByAProposalAndAnEarlierOneKeepsItsTimes() public {
        uint64 earlier = aPassedProposal(address(members), suspension(CARRIER));
        Constitution memory slower = aConstitution();
        slower.delaySeconds = 10 days;
        decided(address(council), abi.encodeCall(council.changeConstitution, (slower)));

        vm.assertEq(council.constitution().delaySeconds, 10 days);
        vm.assertEq(council.get(earlier).executableFrom, NOW + 1 days);
        uint64 nowAt = uint64(block.timestamp);
        uint64 later = aPassedProposal(address(members), suspension(CARRIER));
        vm.assertEq(council.get(later).executableFrom, nowAt + 10 days);
    }
}
