package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.CacheKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VersionPolicyTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOW = Instant.parse("2026-11-30T00:00:00Z");
    private static final VersionPolicy WEEK =
            VersionPolicy.builder().minAge(Duration.ofDays(7)).build();

    /** A packument in the full form. */
    private static final class Doc {
        private final ObjectNode json = JSON.createObjectNode().put("name", "foo");

        Doc() {
            json.putObject("dist-tags");
            json.putObject("versions");
            json.putObject("time");
        }

        Doc version(String version, String published, String members) throws IOException {
            ((ObjectNode) json.get("time")).put(version, published);
            ((ObjectNode) json.get("versions")).set(version, JSON.readTree(members));
            return this;
        }

        Doc version(String version, String published) throws IOException {
            return version(version, published, "{}");
        }

        Doc tag(String tag, String version) {
            ((ObjectNode) json.get("dist-tags")).put(tag, version);
            return this;
        }

        Doc abbreviated(String modified) {
            json.remove("time");
            json.put("modified", modified);
            return this;
        }

        VersionDecisions under(VersionPolicy policy) throws IOException {
            return policy.decide("foo", stream(), NOW);
        }

        JsonNode cutBy(VersionPolicy policy) throws IOException {
            return JSON.readTree(under(policy).apply(stream()));
        }

        ByteArrayInputStream stream() {
            return new ByteArrayInputStream(json.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private static Doc threeVersions() throws IOException {
        return new Doc()
                .version("1.0.0", "2026-01-01T00:00:00.000Z")
                .version("1.0.1", "2026-11-23T00:00:00.000Z")
                .version("1.0.2", "2026-11-29T23:00:00.000Z")
                .tag("latest", "1.0.2");
    }

    @Test
    void decide_minimumAge_refusesUntilTheVersionHasIt() throws IOException {
        VersionDecisions decisions = threeVersions().under(WEEK);

        assertThat(decisions.allowed()).containsExactly("1.0.0", "1.0.1");
        VersionRefusal refusal = decisions.refusal("1.0.2").orElseThrow();
        assertThat(refusal.rule()).isEqualTo(VersionRule.MIN_AGE);
        assertThat(refusal.published()).contains(Instant.parse("2026-11-29T23:00:00Z"));
        assertThat(refusal.until()).contains(Instant.parse("2026-12-06T23:00:00Z"));
        assertThat(refusal.reason())
                .isEqualTo("min-age: foo@1.0.2 was published 2026-11-29T23:00:00Z and is allowed from"
                        + " 2026-12-06T23:00:00Z");
        assertThat(decisions.validUntil()).contains(Instant.parse("2026-12-06T23:00:00Z"));
    }

    @Test
    void block_ofManyPackagesAndVersions_isReadInTime() throws IOException {
        StringBuilder text = new StringBuilder("block: *-evil@1.0.0\n");
        for (int i = 0; i < 50_000; i++) {
            text.append("block: bad").append(i).append('\n');
        }
        for (int i = 0; i < 2_000; i++) {
            text.append("block: foo@1.0.").append(i).append('\n');
        }
        VersionPolicy policy = VersionPolicy.parse(text.toString());

        assertThat(threeVersions().under(policy).refusals()).containsOnlyKeys("1.0.0", "1.0.1", "1.0.2");
        assertThat(policy.decide("bad49999", threeVersions().stream(), NOW).refusals())
                .hasSize(3);
        assertThat(policy.decide("so-evil", threeVersions().stream(), NOW).refusals())
                .containsOnlyKeys("1.0.0");
        assertThat(policy.decide("bad50000", threeVersions().stream(), NOW).refusals())
                .isEmpty();
    }

    @Test
    void refusalOfAll_namesTheVersionThatIsAllowedFirst_elseLatest_elseTheLast() throws IOException {
        VersionPolicy year =
                VersionPolicy.builder().minAge(Duration.ofDays(365)).build();
        VersionPolicy blocked = VersionPolicy.builder().block("foo").build();

        assertThat(threeVersions().under(WEEK).refusalOfAll()).isEmpty();
        assertThat(threeVersions().under(year).refusalOfAll())
                .contains("min-age: foo@1.0.0 was published 2026-01-01T00:00:00Z and is allowed from"
                        + " 2027-01-01T00:00:00Z; all 3 versions of foo are refused");
        assertThat(threeVersions().tag("latest", "1.0.1").under(blocked).refusalOfAll())
                .contains("block: foo@1.0.1 matches foo; all 3 versions of foo are refused");
        assertThat(new Doc()
                        .version("2.0.0", "2026-01-01T00:00:00.000Z")
                        .under(blocked)
                        .refusalOfAll())
                .contains("block: foo@2.0.0 matches foo");
        assertThat(new Doc().under(blocked).refusalOfAll()).isEmpty();
    }

    @Test
    void decide_atTheSecondOfTheMinimumAge_allows() throws IOException {
        ByteArrayInputStream text = threeVersions().stream();
        Instant end = Instant.parse("2026-12-06T23:00:00Z");

        assertThat(WEEK.decide("foo", threeVersions().stream(), end.minusMillis(1))
                        .refusals())
                .containsOnlyKeys("1.0.2");
        VersionDecisions decisions = WEEK.decide("foo", text, end);
        assertThat(decisions.refusals()).isEmpty();
        assertThat(decisions.validUntil()).isEmpty();
        assertThat(decisions.changesNothing()).isTrue();
    }

    @Test
    void apply_removesVersionsFromVersionsTimeAndTags() throws IOException {
        JsonNode cut = threeVersions().tag("next", "1.0.2").tag("old", "1.0.0").cutBy(WEEK);

        assertThat(cut.path("versions").fieldNames()).toIterable().containsExactly("1.0.0", "1.0.1");
        assertThat(cut.path("time").fieldNames()).toIterable().containsExactly("1.0.0", "1.0.1");
        assertThat(cut.path("dist-tags").toString()).isEqualTo("{\"latest\":\"1.0.1\",\"old\":\"1.0.0\"}");
    }

    @Test
    void decide_exceptions_letNamesAndExactVersionsThrough() throws IOException {
        VersionPolicy.Builder builder = VersionPolicy.builder().minAge(Duration.ofDays(7));

        assertThat(threeVersions()
                        .under(builder.except(VersionRule.MIN_AGE, "foo@1.0.1 || 1.0.9")
                                .build())
                        .refusals())
                .containsOnlyKeys("1.0.2");
        assertThat(threeVersions()
                        .under(builder.except(VersionRule.MIN_AGE, "foo@v1.0.2").build())
                        .refusals())
                .isEmpty();
        VersionPolicy scope = VersionPolicy.builder()
                .minAge(Duration.ofDays(7))
                .except(VersionRule.MIN_AGE, "f*")
                .build();
        assertThat(threeVersions().under(scope).refusals()).isEmpty();
        VersionPolicy other = VersionPolicy.builder()
                .minAge(Duration.ofDays(7))
                .except(VersionRule.MIN_AGE, "fo")
                .build();
        assertThat(threeVersions().under(other).refusals()).containsOnlyKeys("1.0.2");
    }

    @Test
    void except_rangeOrRuleWithoutExceptions_isRefused() {
        VersionPolicy.Builder builder = VersionPolicy.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.except(VersionRule.MIN_AGE, "foo@^1.0.0"))
                .withMessageContaining("not an exact version");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.except(VersionRule.BLOCK, "foo"))
                .withMessageContaining("block does not support exceptions");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.block("foo@"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.block("foo@latest"))
                .withMessageContaining("is not a version range");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.minAge(Duration.ZERO));
    }

    @Test
    void decide_cutOffDate_refusesWhatCameThenOrLater() throws IOException {
        VersionPolicy policy = VersionPolicy.builder()
                .before(Instant.parse("2026-11-23T00:00:00Z"))
                .build();

        VersionDecisions decisions = threeVersions().under(policy);

        assertThat(decisions.allowed()).containsExactly("1.0.0");
        assertThat(decisions.refusal("1.0.1").orElseThrow().rule()).isEqualTo(VersionRule.BEFORE);
        assertThat(decisions.validUntil()).isEmpty();
    }

    @Test
    void decide_blockedRange_takesPrereleasesToo() throws IOException {
        VersionPolicy policy =
                VersionPolicy.builder().block("foo@<2.0.0").block("other").build();
        Doc doc = new Doc()
                .version("1.9.0-beta.1", "2026-01-01T00:00:00Z")
                .version("1.9.0", "2026-01-01T00:00:00Z")
                .version("2.0.0", "2026-01-01T00:00:00Z")
                .version("not-a-version", "2026-01-01T00:00:00Z");

        assertThat(doc.under(policy).allowed()).containsExactly("2.0.0");
        assertThat(doc.under(policy).refusal("1.9.0").orElseThrow().reason())
                .isEqualTo("block: foo@1.9.0 matches foo@<2.0.0");
    }

    @Test
    void decide_allowedRanges_concernOnlyTheirPackages() throws IOException {
        VersionPolicy policy = VersionPolicy.builder()
                .allow("foo@^1.0.1")
                .allow("foo@1.0.0-rc.1")
                .build();
        Doc doc = threeVersions().version("1.0.3-rc.1", "2026-01-01T00:00:00Z");

        assertThat(doc.under(policy).allowed()).containsExactly("1.0.1", "1.0.2");
        assertThat(doc.under(VersionPolicy.builder().allow("bar@1").build()).refusals())
                .isEmpty();
    }

    @Test
    void decide_marksOfVersions_areRefusedByTheirRules() throws IOException {
        Doc doc = new Doc()
                .version("1.0.0", "2026-01-01T00:00:00Z", "{\"deprecated\":\"\",\"scripts\":{\"test\":\"x\"}}")
                .version("1.0.1", "2026-01-02T00:00:00Z", "{\"deprecated\":\"use 2\"}")
                .version("1.0.2", "2026-01-03T00:00:00Z", "{\"deprecated\":true}")
                .version("1.0.3", "2026-01-04T00:00:00Z", "{\"deprecated\":false,\"hasInstallScript\":false}")
                .version("1.0.4", "2026-01-05T00:00:00Z", "{\"hasInstallScript\":true}")
                .version("1.0.5", "2026-01-06T00:00:00Z", "{\"scripts\":{\"postinstall\":\"x\"}}")
                .version("1.0.6", "2026-01-06T00:00:00Z", "{\"gypfile\":true}");

        VersionPolicy policy = VersionPolicy.builder()
                .refuseDeprecated()
                .refuseInstallScripts()
                .except(VersionRule.INSTALL_SCRIPTS, "foo@1.0.6")
                .build();

        VersionDecisions decisions = doc.under(policy);
        assertThat(decisions.allowed()).containsExactly("1.0.0", "1.0.3", "1.0.6");
        assertThat(decisions.refusal("1.0.2").orElseThrow().rule()).isEqualTo(VersionRule.DEPRECATED);
        assertThat(decisions.refusal("1.0.5").orElseThrow().rule()).isEqualTo(VersionRule.INSTALL_SCRIPTS);
    }

    private static final String PROVEN = "{\"dist\":{\"attestations\":{\"url\":\"u\",\"provenance\":{\"predicateType\":"
            + "\"https://slsa.dev/provenance/v1\"}}}}";

    @Test
    void decide_lostProvenance_refusesWhatCameAfterAProvenVersion() throws IOException {
        Doc doc = new Doc()
                .version("1.0.0", "2026-01-01T00:00:00Z")
                .version("2.0.0", "2026-02-01T00:00:00Z", PROVEN)
                .version("1.0.1", "2026-03-01T00:00:00Z")
                .version("2.0.1", "2026-04-01T00:00:00Z", "{\"dist\":{\"attestations\":{\"url\":\"u\"}}}")
                .version("2.0.2", "2026-05-01T00:00:00Z", PROVEN);
        VersionPolicy policy = VersionPolicy.builder().refuseLostProvenance().build();

        VersionDecisions decisions = doc.under(policy);

        assertThat(decisions.allowed()).containsExactly("1.0.0", "2.0.0", "2.0.2");
        assertThat(decisions.refusal("1.0.1").orElseThrow().reason())
                .isEqualTo("lost-provenance: foo@1.0.1 has no provenance, which the earlier 2.0.0 has");
        assertThat(decisions.lacksTimes()).isFalse();
        VersionDecisions abbreviated = doc.abbreviated("2026-05-01T00:00:00Z").under(policy);
        assertThat(abbreviated.refusals()).containsOnlyKeys("2.0.1");
        assertThat(abbreviated.lacksTimes()).isTrue();
    }

    @Test
    void decide_abbreviatedForm_isProvenByAnOldModificationTime() throws IOException {
        VersionDecisions old =
                threeVersions().abbreviated("2026-11-23T00:00:00.000Z").under(WEEK);
        assertThat(old.refusals()).isEmpty();
        assertThat(old.lacksTimes()).isFalse();
        assertThat(old.validUntil()).isEmpty();

        VersionDecisions young =
                threeVersions().abbreviated("2026-11-23T00:00:00.001Z").under(WEEK);
        assertThat(young.refusals()).containsOnlyKeys("1.0.0", "1.0.1", "1.0.2");
        assertThat(young.refusal("1.0.0").orElseThrow().rule()).isEqualTo(VersionRule.UNKNOWN_AGE);
        assertThat(young.lacksTimes()).isTrue();

        VersionPolicy lenient = VersionPolicy.builder()
                .minAge(Duration.ofDays(7))
                .allowUnknownAge()
                .build();
        VersionDecisions allowed = threeVersions().abbreviated("no time").under(lenient);
        assertThat(allowed.refusals()).isEmpty();
        assertThat(allowed.lacksTimes()).isTrue();
    }

    @Test
    void decide_fullFormWithoutATime_followsUnknownAge() throws IOException {
        Doc doc = threeVersions();
        ((ObjectNode) doc.json.get("time")).remove("1.0.0");
        ((ObjectNode) doc.json.get("time")).put("1.0.1", "last week");

        VersionDecisions refused = doc.under(WEEK);
        assertThat(refused.refusal("1.0.0").orElseThrow().rule()).isEqualTo(VersionRule.UNKNOWN_AGE);
        assertThat(refused.refusal("1.0.1").orElseThrow().rule()).isEqualTo(VersionRule.UNKNOWN_AGE);
        assertThat(refused.lacksTimes()).isFalse();

        VersionPolicy lenient = VersionPolicy.builder()
                .minAge(Duration.ofDays(7))
                .allowUnknownAge()
                .build();
        assertThat(doc.under(lenient).refusals()).containsOnlyKeys("1.0.2");
    }

    @Test
    void distTags_latest_fallsBackAsNpmChooses() throws IOException {
        VersionPolicy policy = VersionPolicy.builder().block("foo@2.0.0").build();
        Doc doc = new Doc()
                .version("1.0.0", "2026-01-01T00:00:00Z")
                .version("1.5.0", "2026-01-01T00:00:00Z")
                .version("1.9.0", "2026-01-01T00:00:00Z", "{\"deprecated\":\"broken\"}")
                .version("1.9.9-rc.1", "2026-01-01T00:00:00Z")
                .version("2.0.0", "2026-01-01T00:00:00Z")
                .version("3.0.0", "2026-01-01T00:00:00Z")
                .tag("latest", "2.0.0")
                .tag("next", "2.0.0")
                .tag("beta", "1.9.9-rc.1");

        assertThat(doc.under(policy).distTags()).isEqualTo(Map.of("latest", "1.5.0", "beta", "1.9.9-rc.1"));

        VersionPolicy onlyDeprecated = VersionPolicy.builder()
                .block("foo@2.0.0")
                .block("foo@1.0.0 || 1.5.0")
                .build();
        assertThat(doc.under(onlyDeprecated).distTags()).containsEntry("latest", "1.9.0");
        VersionPolicy nothingLower =
                VersionPolicy.builder().block("foo@<=2.0.0").build();
        assertThat(doc.under(nothingLower).distTags()).isEmpty();
    }

    @Test
    void distTags_latestThatIsAPrerelease_fallsBackToAReleaseFirst() throws IOException {
        VersionPolicy policy = VersionPolicy.builder().block("foo@3.0.0-beta.2").build();
        Doc doc = new Doc()
                .version("3.0.0-beta.1", "2026-01-01T00:00:00Z")
                .version("3.0.0-beta.2", "2026-01-01T00:00:00Z")
                .version("2.9.0-rc.1", "2026-01-01T00:00:00Z")
                .tag("latest", "3.0.0-beta.2");

        assertThat(doc.under(policy).distTags()).containsEntry("latest", "3.0.0-beta.1");
        assertThat(doc.version("2.0.0", "2026-01-01T00:00:00Z").under(policy).distTags())
                .containsEntry("latest", "2.0.0");
    }

    @Test
    void decide_memberThatOccursTwice_countsTheLastAsJavaScriptDoes() throws IOException {
        String text =
                "{\"name\":\"foo\",\"time\":{\"1.0.0\":\"2020-01-01T00:00:00Z\",\"1.0.1\":\"2020-01-01T00:00:00Z\"},"
                        + "\"versions\":{\"1.0.0\":{}, \"1.0.\\u0031\":{}},"
                        + "\"time\" : {\"1.0.0\":\"2020-01-01T00:00:00Z\",\"1.0.1\":\"2026-11-29T00:00:00Z\"}}";

        VersionDecisions decisions = WEEK.decide("foo", stream(text), NOW);

        assertThat(decisions.refusals()).containsOnlyKeys("1.0.1");
        assertThat(new String(decisions.apply(stream(text)).readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"name\":\"foo\",\"time\":{\"1.0.0\":\"2020-01-01T00:00:00Z\"},\"versions\":{\"1.0.0\":{}},"
                                + "\"time\":{\"1.0.0\":\"2020-01-01T00:00:00Z\"}}");
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void revision_isTheSameForTheSameRules() {
        VersionPolicy a = VersionPolicy.builder()
                .block("b@1")
                .block("a")
                .minAge(Duration.ofDays(1))
                .build();
        VersionPolicy b = VersionPolicy.builder()
                .minAge(Duration.ofHours(24))
                .block("a")
                .block("b@1")
                .build();

        assertThat(a.revision()).isEqualTo(b.revision()).matches("[0-9a-f]{16}");
        assertThat(a.revision()).isNotEqualTo(WEEK.revision());
        assertThat(VersionPolicy.parse(a.toString()).revision()).isEqualTo(a.revision());
    }

    @Test
    void decide_minimumAgeBeyondAllDates_refusesEverything() throws IOException {
        VersionPolicy policy = VersionPolicy.builder()
                .minAge(Duration.ofSeconds(Long.MAX_VALUE))
                .build();

        assertThat(threeVersions().under(policy).allowed()).isEmpty();
    }

    @Test
    void decide_inAFrame_readsWhatACacheHolds() throws IOException {
        try (Setup setup = new Setup()) {
            URI registry = URI.create("https://registry.example");
            setup.cache.set(CacheKey.packument(registry, "foo").toString(), threeVersions().json);
            PackumentFrame frame = PackumentFrame.fromCache(setup.cache, registry);

            try (var refused = frame.map(packument -> WEEK.decide(packument, NOW))) {
                assertThat(refused.flatMap(decisions -> decisions.refusals().keySet().stream()))
                        .containsExactly("1.0.2");
            }
        }
    }
}
