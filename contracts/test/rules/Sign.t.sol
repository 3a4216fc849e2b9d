// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Rules} from "../../src/Rules.sol";
import {IRules, Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

contract SignTest is World {
    function refusesSigner(uint32 member, address signer) internal {
        refuses(abi.encodeWithSelector(IRules.WrongRuleSigner.selector, member, signer));
    }

    /// @dev Platform 50 fen, the merchant the rest, unsigned.
    function anOpenProposal() internal returns (uint32 rule) {
        (rule,) = proposed(0, legsOf(fixedLeg(PLATFORM, 50), residualLeg(MERCHANT)), none());
    }

    function test_refusesARuleOrVersionThatDoesNotExist() public {
        refuses(abi.encodeWithSelector(IRules.UnknownRule.selector, 1));
        rules.sign(1, 1, MERCHANT, "");

        uint32 rule = anOpenProposal();
        refuses(abi.encodeWithSelector(IRules.UnknownVersion.selector, rule, 2));
        rules.sign(rule, 2, MERCHANT, "");
    }

    function test_refusesAMemberWhoseSignatureIsNotRequired() public {
        uint32 rule = anOpenProposal();
        bytes memory signature = signatureOf(CREATOR, rules.digest(rule, 1));
        refuses(abi.encodeWithSelector(IRules.NotRequired.selector, rule, 1, CREATOR));
        rules.sign(rule, 1, CREATOR, signature);
    }

    function test_refusesASecondSignature() public {
        uint32 rule = anOpenProposal();
        bytes memory signature = signatureOf(PLATFORM, rules.digest(rule, 1));
        rules.sign(rule, 1, PLATFORM, signature);

        refuses(abi.encodeWithSelector(IRules.AlreadySigned.selector, rule, 1, PLATFORM));
        rules.sign(rule, 1, PLATFORM, signature);
    }

    function test_refusesAnotherMembersSignature() public {
        uint32 rule = anOpenProposal();
        bytes memory signature = signatureOf(MERCHANT, rules.digest(rule, 1));
        refusesSigner(PLATFORM, accountOf(MERCHANT));
        rules.sign(rule, 1, PLATFORM, signature);
    }

    function test_refusesAMalformedSignatureAndOneWithAHighS() public {
        uint32 rule = anOpenProposal();
        bytes memory high = highS(signatureOf(PLATFORM, rules.digest(rule, 1)));
        refusesSigner(PLATFORM, address(0));
        rules.sign(rule, 1, PLATFORM, high);

        refusesSigner(PLATFORM, address(0));
        rules.sign(rule, 1, PLATFORM, hex"00");
    }

    function test_refusesASuspendedPayeesSignature() public {
        uint32 rule = anOpenProposal();
        bytes memory signature = signatureOf(PLATFORM, rules.digest(rule, 1));
        suspended(PLATFORM);
        refusesInactive(PLATFORM);
        rules.sign(rule, 1, PLATFORM, signature);
    }

    function test_refusesASignatureForAnotherVersion() public {
        uint32 rule = anOpenProposal();
        (, uint32 second) = proposed(rule, legsOf(fixedLeg(PLATFORM, 40), residualLeg(MERCHANT)), none());
        bytes memory forFirst = signatureOf(PLATFORM, rules.digest(rule, 1));

        (bool accepted,) = address(rules).call(abi.encodeCall(rules.sign, (rule, second, PLATFORM, forFirst)));
        vm.assertFalse(accepted);
    }

    function test_refusesASignatureForAnotherChainOrContract() public {
        uint32 rule = anOpenProposal();
        bytes memory here = signatureOf(PLATFORM, rules.digest(rule, 1));
        Rules other = new Rules(members);
        by(MERCHANT);
        other.propose(0, legsOf(fixedLeg(PLATFORM, 50), residualLeg(MERCHANT)), none());

        (bool elsewhere,) = address(other).call(abi.encodeCall(other.sign, (rule, 1, PLATFORM, here)));
        vm.assertFalse(elsewhere);

        vm.chainId(7710);
        (bool otherChain,) = address(rules).call(abi.encodeCall(rules.sign, (rule, 1, PLATFORM, here)));
        vm.assertFalse(otherChain);
    }

    function test_refusesAVersionWhoseBaseIsStale() public {
        Leg[] memory first = legsOf(fixedLeg(PLATFORM, 50), residualLeg(MERCHANT));
        uint32 rule = aRuleInForce(first);
        Leg[] memory second = legsOf(fixedLeg(PLATFORM, 40), residualLeg(MERCHANT));
        proposed(rule, second, first);
        proposed(rule, legsOf(fixedLeg(PLATFORM, 30), residualLeg(MERCHANT)), first);
        signed(rule, 3, PLATFORM);
        signed(rule, 2, PLATFORM);
        signed(rule, 2, MERCHANT);

        bytes memory signature = signatureOf(MERCHANT, rules.digest(rule, 3));
        refuses(abi.encodeWithSelector(IRules.BaseIsStale.selector, rule, 1, 2));
        rules.sign(rule, 3, MERCHANT, signature);
    }

    function test_anyoneMayBringASignature() public {
        uint32 rule = anOpenProposal();
        bytes memory signature = signatureOf(PLATFORM, rules.digest(rule, 1));

        vm.expectEmit(address(rules));
        emit IRules.RuleSigned(rule, 1, PLATFORM);
        vm.prank(stranger);
        rules.sign(rule, 1, PLATFORM, signature);

        (uint32 version,,) = rules.inForce(rule);
        vm.assertEq(version, 0);
    }

    function test_theLastSignatureAdoptsTheVersion() public {
        uint32 rule = anOpenProposal();
        bytes32 legsHash = rules.legsHashOf(rule, 1);
        signed(rule, 1, MERCHANT);
        bytes memory signature = signatureOf(PLATFORM, rules.digest(rule, 1));

        vm.expectEmit(address(rules));
        emit IRules.RuleSigned(rule, 1, PLATFORM);
        vm.expectEmit(address(rules));
        emit IRules.RuleAdopted(rule, 1, legsHash);
        rules.sign(rule, 1, PLATFORM, signature);

        (uint32 version, bytes32 inForce, uint32 merchant) = rules.inForce(rule);
        vm.assertEq(version, 1);
        vm.assertEq(inForce, legsHash);
        vm.assertEq(merchant, MERCHANT);
    }

    function test_aLaterVersionIsAdoptedWithoutThoseWhoseLegsAreTheSame() public {
        uint32 rule = aRuleInForce(usualLegs());
        Leg[] memory later = usualLegs();
        later[1].value = 2500; // the creator's share
        proposed(rule, later, usualLegs());
        signed(rule, 2, CREATOR);
        signed(rule, 2, MERCHANT);

        (uint32 version, bytes32 legsHash,) = rules.inForce(rule);
        vm.assertEq(version, 2);
        vm.assertEq(legsHash, keccak256(packed(later)));
    }

    function test_theDigestIsThatOfEip712() public {
        uint32 rule = anOpenProposal();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Suyuan"),
                keccak256("1"),
                block.chainid,
                address(rules)
            )
        );
        bytes32 message = keccak256(
            abi.encode(
                keccak256("RuleVersion(uint32 merchant,uint32 rule,uint32 version,uint32 base,bytes32 legsHash)"),
                MERCHANT,
                rule,
                1,
                0,
                rules.legsHashOf(rule, 1)
            )
        );
        vm.assertEq(rules.digest(rule, 1), keccak256(abi.encodePacked(hex"1901", domain, message)));
    }
}
