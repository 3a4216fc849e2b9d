// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers, Standing} from "../../src/interfaces/IMembers.sol";
import {IValidators} from "../../src/interfaces/IValidators.sol";
import {World} from "../support/World.sol";

contract WantTest is World {
    uint256 internal constant FIRST = 901;
    uint256 internal constant SECOND = 902;

    function wanted(uint32 member, uint256 key) internal {
        vm.prank(founder);
        validators.want(member, vm.addr(key));
    }

    function unwanted(uint256 key) internal {
        vm.prank(founder);
        validators.unwant(vm.addr(key));
    }

    function accepted(uint32 member, uint256 key) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, validators.hashValidatorAccepted(member, vm.addr(key)));
        return abi.encodePacked(r, s, v);
    }

    function test_refusesAnyoneButTheGovernor() public {
        refusesAllButGovernor(accountOf(FARM));
        by(FARM);
        validators.want(FARM, vm.addr(FIRST));

        wanted(FARM, FIRST);
        refusesAllButGovernor(accountOf(FARM));
        by(FARM);
        validators.unwant(vm.addr(FIRST));
    }

    function test_refusesTheSameValidatorTwiceAndTwoOfOneMember() public {
        wanted(FARM, FIRST);
        refuses(abi.encodeWithSelector(IValidators.ValidatorTaken.selector, vm.addr(FIRST), FARM));
        wanted(BANK, FIRST);

        refuses(abi.encodeWithSelector(IValidators.HasValidator.selector, FARM, vm.addr(FIRST)));
        wanted(FARM, SECOND);
    }

    function test_refusesNoneAndASuspendedMembers() public {
        refuses(IValidators.ZeroValidator.selector);
        vm.prank(founder);
        validators.want(FARM, address(0));

        suspended(FARM);
        refusesInactive(FARM);
        wanted(FARM, FIRST);
    }

    function test_refusesToGiveUpTheLastOneAndOneThatIsNotWanted() public {
        wanted(FARM, FIRST);
        refuses(abi.encodeWithSelector(IValidators.LastValidator.selector, vm.addr(FIRST)));
        unwanted(FIRST);

        refuses(abi.encodeWithSelector(IValidators.NotWanted.selector, vm.addr(SECOND)));
        unwanted(SECOND);
    }

    function test_listsWhatIsWanted() public {
        vm.expectEmit(address(validators));
        emit IValidators.ValidatorWanted(FARM, vm.addr(FIRST));
        wanted(FARM, FIRST);
        wanted(BANK, SECOND);
        vm.assertEq(validators.wanted().length, 2);

        vm.expectEmit(address(validators));
        emit IValidators.ValidatorUnwanted(FARM, vm.addr(FIRST));
        unwanted(FIRST);
        vm.assertEq(validators.wanted().length, 1);
        vm.assertEq(validators.wanted()[0], vm.addr(SECOND));
    }

    function test_whatAGoneMemberHadIsWantedNoMoreAndAnyoneSweepsIt() public {
        wanted(FARM, FIRST);
        wanted(BANK, SECOND);
        vm.prank(founder);
        members.expel(FARM, "fraud");
        vm.assertEq(validators.wanted().length, 1);

        vm.prank(stranger);
        validators.unwant(vm.addr(FIRST));
        vm.assertEq(validators.memberOf(vm.addr(FIRST)), 0);
    }

    function test_rotationRefusesAnotherMembersAndOneThatDidNotAccept() public {
        wanted(FARM, FIRST);
        bytes memory acceptance_ = accepted(BANK, SECOND);
        refuses(abi.encodeWithSelector(IValidators.NotTheMembersValidator.selector, vm.addr(FIRST), BANK));
        by(BANK);
        validators.rotate(vm.addr(FIRST), vm.addr(SECOND), acceptance_);

        by(FARM); // the acceptance is for the bank
        (bool done,) =
            address(validators).call(abi.encodeCall(validators.rotate, (vm.addr(FIRST), vm.addr(SECOND), acceptance_)));
        vm.assertFalse(done);
    }

    function test_aMemberRotatesItsOwn() public {
        wanted(FARM, FIRST);
        bytes memory acceptance_ = accepted(FARM, SECOND);
        vm.expectEmit(address(validators));
        emit IValidators.ValidatorUnwanted(FARM, vm.addr(FIRST));
        vm.expectEmit(address(validators));
        emit IValidators.ValidatorWanted(FARM, vm.addr(SECOND));
        by(FARM);
        validators.rotate(vm.addr(FIRST), vm.addr(SECOND), acceptance_);

        vm.assertEq(validators.wanted()[0], vm.addr(SECOND));
        vm.assertEq(validators.memberOf(vm.addr(FIRST)), 0);
    }
}
