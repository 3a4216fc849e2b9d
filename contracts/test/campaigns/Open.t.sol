// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {CampaignTerms, ICampaigns} from "../../src/interfaces/ICampaigns.sol";
import {ICredit} from "../../src/interfaces/ICredit.sol";
import {CampaignWorld} from "./CampaignWorld.sol";

contract OpenTest is CampaignWorld {
    function refusesTerm(bytes32 field, CampaignTerms memory terms_) private {
        refuses(abi.encodeWithSelector(ICampaigns.BadTerms.selector, field));
        opened("june", terms_);
    }

    function test_refusesAStrangerASuspendedAndAFrozenSponsor() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        campaigns.open("june", coupon(1_000), new uint32[](0));
        frozen(PLATFORM);
        refuses(abi.encodeWithSelector(ICredit.AccountIsFrozen.selector, PLATFORM));
        opened("june", coupon(1_000));
        suspended(PLATFORM);
        refusesInactive(PLATFORM);
        opened("june", coupon(1_000));
    }

    function test_refusesMoreThanTheSponsorHas() public {
        refuses(abi.encodeWithSelector(ICredit.NotEnoughCredit.selector, PLATFORM, WEALTH, WEALTH + 1));
        opened("june", coupon(WEALTH + 1));
    }

    function test_refusesTermsThatMakeNoSense() public {
        CampaignTerms memory terms_;
        terms_ = coupon(1_000);
        terms_.rank = 0;
        refusesTerm("rank", terms_);
        terms_ = coupon(1_000);
        terms_.budgetFen = 0;
        refusesTerm("budgetFen", terms_);
        terms_ = coupon(1_000);
        terms_.budgetFen = 9e14 + 1;
        refusesTerm("budgetFen", terms_);
        terms_ = coupon(1_000);
        terms_.valueFen = 0;
        refusesTerm("valueFen", terms_);
        terms_ = coupon(1_000);
        terms_.bps = 1;
        refusesTerm("valueFen", terms_);
        terms_ = coupon(1_000);
        terms_.valueFen = 9e14 + 1;
        refusesTerm("valueFen", terms_);
        terms_ = commission(1_000);
        terms_.bps = 10_001;
        refusesTerm("bps", terms_);
        terms_ = coupon(1_000);
        terms_.capFen = 9e14 + 1;
        refusesTerm("capFen", terms_);
        terms_ = coupon(1_000);
        terms_.sponsorBps = 10_001;
        refusesTerm("sponsorBps", terms_);
        terms_ = commission(1_000);
        terms_.sponsorBps = 9_999;
        refusesTerm("sponsorBps", terms_);
        terms_ = threshold(1_000);
        terms_.thresholdFen = 0;
        refusesTerm("thresholdFen", terms_);
        terms_ = coupon(1_000);
        terms_.thresholdFen = 1;
        refusesTerm("thresholdFen", terms_);
        terms_ = coupon(1_000);
        terms_.repeats = true;
        refusesTerm("repeats", terms_);
        terms_ = coupon(1_000);
        terms_.payee = CREATOR;
        refusesTerm("payee", terms_);
        terms_ = commission(1_000);
        terms_.payee = 0;
        refusesTerm("payee", terms_);
        terms_ = coupon(1_000);
        terms_.holdSeconds = 0;
        refusesTerm("holdSeconds", terms_);
        terms_ = coupon(1_000);
        terms_.ends = uint40(NOW);
        refusesTerm("ends", terms_);
        terms_ = coupon(1_000);
        terms_.starts = uint40(NOW + 1 days);
        refusesTerm("ends", terms_);
        terms_ = commission(1_000);
        terms_.payee = NOBODY;
        refusesUnknown(NOBODY);
        opened("june", terms_);
        refusesName();
    }

    function refusesName() private {
        refuses(abi.encodeWithSelector(ICampaigns.BadTerms.selector, bytes32("name")));
        opened("", coupon(1_000));
    }

    function test_takesTheBudgetOutOfWhatIsAvailableAndTellsAll() public {
        vm.expectEmit(address(campaigns));
        emit ICampaigns.CampaignOpened(1, PLATFORM, "june", coupon(1_000), new uint32[](0));
        vm.expectEmit(address(credit));
        emit ICredit.EscrowFunded(PLATFORM, address(campaigns), 1_000);
        vm.assertEq(opened("june", coupon(1_000)), 1);
        vm.assertEq(credit.availableFen(PLATFORM), WEALTH - 1_000);
        vm.assertEq(freeFen(1), 1_000);
        assertSupply();
    }

    function test_passesOverARepeatAndRefusesOtherTermsUnderTheName() public {
        opened("june", coupon(1_000));
        vm.assertEq(opened("june", coupon(1_000)), 1);
        vm.assertEq(credit.availableFen(PLATFORM), WEALTH - 1_000);
        refuses(abi.encodeWithSelector(ICampaigns.CampaignExists.selector, 1));
        opened("june", coupon(1_001));
    }

    function test_onlyAnEscrowContractTakesAMembersCredit() public {
        refuses(abi.encodeWithSelector(ICredit.NotEscrow.selector, stranger));
        vm.prank(stranger);
        credit.fund(PLATFORM, 1);
        refuses(abi.encodeWithSelector(ICredit.NotEscrow.selector, stranger));
        vm.prank(stranger);
        credit.passOn(stranger, 1);
        refuses(abi.encodeWithSelector(ICredit.NotEscrow.selector, stranger));
        vm.prank(stranger);
        credit.takeBack(0);
    }
}
