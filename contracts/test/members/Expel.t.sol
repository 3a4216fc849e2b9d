// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers, Standing} from "../../src/interfaces/IMembers.sol";
import {CouncilWorld} from "../support/CouncilWorld.sol";

contract ExpelTest is CouncilWorld {
    function expelled(uint32 member) internal {
        decided(address(members), abi.encodeCall(members.expel, (member, "fraud")));
    }

    function refusesFinal(uint32 member, Standing standing) internal {
        refuses(abi.encodeWithSelector(IMembers.StandingIsFinal.selector, member, standing));
    }

    function test_refusesAnyoneButTheCouncilAlsoTheFounder() public {
        refusesAllButGovernor(founder);
        vm.prank(founder);
        members.expel(CARRIER, "spite");

        refusesAllButGovernor(accountOf(FARM));
        by(FARM);
        members.expel(CARRIER, "spite");
    }

    function test_itIsForEver() public {
        expelled(CARRIER);
        vm.prank(address(council));
        refusesFinal(CARRIER, Standing.Expelled);
        members.reinstate(CARRIER);

        refusesFinal(CARRIER, Standing.Expelled);
        by(CARRIER);
        members.leave();
    }

    /// @dev In the middle of its order: the block that says so ends its rights, and takes nothing that it has earned.
    function test_rightsEndWithTheBlockThatSaysSoAndMoneyEarnedCanStillBeWithdrawn() public {
        uint32 rule = aRuleInForce(usualLegs());
        bytes32 settled = aDeliveredOrder("1", 100_000, rule);
        escrow.settle(only(settled), packed(usualLegs()));
        bytes32 delivered = aDeliveredOrder("2", 100_000, rule);
        bytes32 paid = aPaidOrder("3", 100_000, rule);
        expelled(CARRIER);

        refusesStanding(CARRIER, Standing.Expelled);
        by(CARRIER);
        escrow.deliver(only(paid), "checkpoint");
        refusesStanding(CARRIER, Standing.Expelled);
        by(CARRIER);
        credit.transfer(FARM, 1, "");

        escrow.settle(only(delivered), packed(usualLegs())); // what it delivered before still pays it
        by(CARRIER);
        credit.withdraw(600, "all of it");
        assertBalance(CARRIER, 0, 600);
    }

    function test_aSeatThatIsExpelledVotesNoMore() public {
        expelled(BANK);
        vm.assertEq(members.seats(), 3);
        uint64 proposal = aProposal(address(members), suspension(CARRIER));
        refusesStanding(BANK, Standing.Expelled);
        votes(BANK, proposal, true);
    }
}

contract LeaveTest is CouncilWorld {
    function test_refusesAStranger() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        members.leave();
    }

    function test_theLastSeatStays() public {
        by(MERCHANT);
        members.leave();
        by(PLATFORM);
        members.leave();
        by(BANK);
        members.leave();
        refuses(abi.encodeWithSelector(IMembers.LastSeat.selector, FARM));
        by(FARM);
        members.leave();
    }

    function test_whoLeftActsNoMoreAndWithdraws() public {
        merchantHolds(100);
        vm.expectEmit(address(members));
        emit IMembers.MemberLeft(MERCHANT);
        by(MERCHANT);
        members.leave();

        refusesStanding(MERCHANT, Standing.Left);
        by(MERCHANT);
        credit.transfer(FARM, 1, "");
        by(MERCHANT);
        credit.withdraw(100, "w1");
        assertBalance(MERCHANT, 0, 100);
    }
}
