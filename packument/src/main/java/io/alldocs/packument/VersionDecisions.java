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
 * The decisions of a {@link VersionPolicy} about the versions of one packument at one time: which versions are refused
 * and why, and which tags remain. Immutable and safe for concurrent use.
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

    /** Returns the name of the package. */
    public String name() {
        return facts.name();
    }

    /** Returns every version of the packument, refused or not, in the order of the document. */
    public List<VersionFacts> versions() {
        return facts.versions();
    }

    /** Returns the tags of the packument before the policy was applied. */
    public Map<String, String> originalDistTags() {
        return facts.distTags();
    }

    /** Returns the refused versions, in the order of the document, each with the reason. */
    public Map<String, VersionRefusal> refusals() {
        return refusals;
    }

    /** Returns why {@code version} is refused; empty if it is allowed, or the packument does not contain it. */
    public Optional<VersionRefusal> refusal(String version) {
        return Optional.ofNullable(refusals.get(version));
    }

    /**
     * Returns why all versions are refused, in one sentence. The sentence is the reason for the version that will be
     * allowed next, or else for {@code latest}, or else for the last version. Empty if a version is allowed, or the
     * packument has none.
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

    /** Returns whether the packument contains {@code version}, refused or not. */
    public boolean has(String version) {
        return facts.versions().stream().anyMatch(facts -> facts.version().equals(version));
    }

    /** Returns the allowed versions, in the order of the document. */
    public List<String> allowed() {
        return facts.versions().stream()
                .map(VersionFacts::version)
                .filter(version -> !refusals.containsKey(version))
                .toList();
    }

    /**
     * Returns the tags of allowed versions. If {@code latest} is refused, it is set as npm chooses: to the highest
     * allowed release that is not above the old {@code latest}. Versions that are not deprecated are preferred. If
     * there is none and the old {@code latest} is a prerelease, it is set to a lower allowed prerelease of the same
     * {@code major.minor.patch}.
     */
    public Map<String, String> distTags() {
        return distTags;
    }

    /**
     * Returns whether a rule needs the age of versions but the document does not contain it. This is the case for an
     * abbreviated document whose modification time does not prove that all its versions are old enough. The decisions
     * then treat the ages as unknown; decisions about the full document are more accurate.
     */
    public boolean lacksTimes() {
        return lacksTimes;
    }

    /**
     * Returns when the decisions will change without a change of the packument or the policy, because the next version
     * reaches its minimum age. Empty if they will not change.
     */
    public Optional<Instant> validUntil() {
        return refusals.values().stream()
                .flatMap(refusal -> refusal.until().stream())
                .min(Instant::compareTo);
    }

    /** Returns whether the policy leaves the packument unchanged. */
    public boolean changesNothing() {
        return refusals.isEmpty() && distTags.equals(facts.distTags());
    }

    /**
     * Returns the packument's text without the refused versions, produced while it is read. The refused versions are
     * removed from {@code versions} and {@code time}, and {@code dist-tags} is replaced by {@link #distTags()}.
     * Everything else is copied byte by byte.
     *
     * @param decoded text of the document to which the decisions apply, in either form; closed with the result
     * @return a stream for one thread; it throws {@link java.io.EOFException} if the text ends inside the document, and
     *     {@link java.io.StreamCorruptedException} if it is not JSON
     */
    public InputStream apply(InputStream decoded) {
        return new PackumentCut(decoded, Set.copyOf(refusals.keySet()), distTags);
    }

    /**
     * Returns sixteen hexadecimal digits that are equal for decisions that leave the same versions and tags of the same
     * document.
     */
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
