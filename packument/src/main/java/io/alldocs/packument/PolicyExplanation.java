package io.alldocs.packument;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a policy decides about each version of a package, with the reasons, for users and tools. Immutable.
 *
 * @param decisions decisions to explain
 * @param revision revision of the policy
 * @param inForce when the policy came into force
 * @param now when the decisions were made
 */
public record PolicyExplanation(VersionDecisions decisions, String revision, Instant inForce, Instant now) {

    /**
     * Returns the time from which a version has been refused. It is the later of its publication and the time when the
     * policy came into force.
     */
    public Instant since(VersionRefusal refusal) {
        return refusal.published()
                .filter(published -> published.isAfter(inForce))
                .orElse(inForce);
    }

    /**
     * Returns the explanation as a JSON object. It contains {@code name}, {@code policy} with {@code revision} and
     * {@code since}, {@code at}, {@code timesAreKnown} and {@code nextChange}. It also contains {@code dist-tags} with
     * the previous and current version of each tag, and {@code versions} with {@code allowed} and {@code published}. A
     * refused version also has {@code rule}, {@code reason}, {@code since} and {@code until}. Values that are unknown
     * or do not apply are null.
     */
    public byte[] json() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = DocumentJson.factory().createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("name", decisions.name());
            json.writeObjectFieldStart("policy");
            json.writeStringField("revision", revision);
            json.writeStringField("since", inForce.toString());
            json.writeEndObject();
            json.writeStringField("at", now.toString());
            json.writeBooleanField("timesAreKnown", !decisions.lacksTimes());
            time(json, "nextChange", decisions.validUntil());
            tags(json);
            json.writeObjectFieldStart("versions");
            for (VersionFacts version : decisions.versions()) {
                version(json, version);
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("Writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private void tags(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("dist-tags");
        for (Map.Entry<String, String> tag : decisions.originalDistTags().entrySet()) {
            json.writeObjectFieldStart(tag.getKey());
            json.writeStringField("registry", tag.getValue());
            json.writeStringField("mirror", decisions.distTags().get(tag.getKey()));
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private void version(JsonGenerator json, VersionFacts version) throws IOException {
        Optional<VersionRefusal> refusal = decisions.refusal(version.version());
        json.writeObjectFieldStart(version.version());
        json.writeBooleanField("allowed", refusal.isEmpty());
        time(json, "published", version.published());
        if (refusal.isPresent()) {
            json.writeStringField("rule", refusal.get().rule().key());
            json.writeStringField("reason", refusal.get().reason());
            json.writeStringField("since", since(refusal.get()).toString());
            time(json, "until", refusal.get().until());
        }
        json.writeEndObject();
    }

    private static void time(JsonGenerator json, String name, Optional<Instant> time) throws IOException {
        json.writeStringField(name, time.map(Instant::toString).orElse(null));
    }
}
