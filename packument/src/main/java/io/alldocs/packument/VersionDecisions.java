package io.alldocs.packument;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a {@link VersionPolicy} decides about the versions of one packument at one time: which are refused and why, and which tags are left. Immutable and
 * safe for concurrent use.
 */
public final class VersionDecisions {
    private static final int FINGERPRINT_CHARS = 16;

    private final PackumentFacts facts;
    private final Map<String, VersionRefusal> refusals;
    private final Map<String, String> distTags;
    private final boolean lacksTimes;

    VersionDecisions(
            PackumentFacts facts,
            Map<String, VersionRefusal> refusals,
            Map<String, String> distTags,
            boolean lacksTimes) {
        this.facts = facts;
        this.refusals = Collections.unmodifiableMap(new LinkedHashMap<>(refusals));
        this.distTags = Collections.unmodifiableMap(new LinkedHashMap<>(distTags));
        this.lacksTimes = lacksTimes;
    }

    /** The name of the package. */
    public String name() {
        return facts.name();
    }

    /** Every version of the packument, refused or not, in the order of the document. */
    public List<VersionFacts> versions() {
        return facts.versions();
    }

    /** The tags of the packument before the policy. */
    public Map<String, String> originalDistTags() {
        return facts.distTags();
    }

    /** The refused versions, in the order of the document, each with the reason. */
    public Map<String, VersionRefusal> refusals() {
        return refusals;
    }

    /** Why {@code version} is refused; empty when it is allowed, or the packument does not have it. */
    public Optional<VersionRefusal> refusal(String version) {
        return Optional.ofNullable(refusals.get(version));
    }

    /**
     * Why no version is left, in one sentence: the reason for the version that is allowed first, else for {@code latest}, else for the last. Empty when a
     * version is allowed, or the packument has none.
     */
    public Optional<String> refusalOfAll() {
        int count = facts.versions().size();
        if (count == 0 || refusals.size() < count) {
            return Optional.empty();
        }
        VersionRefusal told = refusals.values().stream()
                .filter(refusal -> refusal.until().isPresent())
                .min(Comparator.comparing(refusal -> refusal.until().orElseThrow()))
                .or(() -> refusal(facts.distTags().getOrDefault("latest", "")))
                .orElseGet(() -> List.copyOf(refusals.values()).get(refusals.size() - 1));
        String others = count == 1 ? "" : "; all " + count + " versions of " + name() + " are refused";
        return Optional.of(told.reason() + others);
    }

    /** Whether the packument has {@code version}, refused or not. */
    public boolean has(String version) {
        return facts.versions().stream().anyMatch(facts -> facts.version().equals(version));
    }

    /** The names of the allowed versions, in the order of the document. */
    public List<String> allowed() {
        return facts.versions().stream()
                .map(VersionFacts::version)
                .filter(version -> !refusals.containsKey(version))
                .toList();
    }

    /**
     * The tags that are left: those of allowed versions. {@code latest} falls back as npm chooses: to the highest allowed version that is no prerelease
     * and not above the old {@code latest}, versions that are not deprecated first; where there is none and the old {@code latest} is a prerelease, to a
     * lower allowed prerelease of the same {@code major.minor.patch}.
     */
    public Map<String, String> distTags() {
        return distTags;
    }

    /**
     * Whether the document does not tell the age of versions although a rule needs it: an abbreviated document that does not prove all its versions old
     * enough. The decisions treat the ages as unknown; those of the full document are better.
     */
    public boolean lacksTimes() {
        return lacksTimes;
    }

    /** When the decisions change although neither the packument nor the policy does: the next version reaches its minimum age. Empty for never. */
    public Optional<Instant> validUntil() {
        return refusals.values().stream()
                .flatMap(refusal -> refusal.until().stream())
                .min(Instant::compareTo);
    }

    /** Whether the packument stays as it is. */
    public boolean changesNothing() {
        return refusals.isEmpty() && distTags.equals(facts.distTags());
    }

    /**
     * The packument's text without what is refused, made while it is read. The refused versions leave {@code versions} and {@code time}, and {@code
     * dist-tags} become {@link #distTags()}. Everything else is copied byte by byte.
     *
     * @param decoded the text of the document that was decided about, in either form; closed with the result
     * @return a stream that throws {@link java.io.EOFException} where the text ends inside the document, and {@link java.io.StreamCorruptedException}
     *     where it is not JSON; for one thread
     */
    public InputStream apply(InputStream decoded) {
        return new PackumentCut(decoded, Set.copyOf(refusals.keySet()), distTags);
    }

    /** Sixteen hexadecimal digits that are the same for decisions that leave the same versions and tags of the same document. */
    public String fingerprint() {
        MessageDigest digest = sha256();
        refusals.keySet().forEach(version -> update(digest, version));
        update(digest, "");
        distTags.forEach((tag, version) -> {
            update(digest, tag);
            update(digest, version);
        });
        return HexFormat.of().formatHex(digest.digest()).substring(0, FINGERPRINT_CHARS);
    }

    private static void update(MessageDigest digest, String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime has no SHA-256", e);
        }
    }
}
