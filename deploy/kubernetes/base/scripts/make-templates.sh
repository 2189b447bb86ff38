# Templates into /templates, and compiled requests beside them where requests are to be compressed. What is there already stays.
set -eu
# Process 1 ends at no signal that it has not asked for; this one takes effect after the command that runs.
trap 'exit 143' TERM

if ! cmp -s /config/generator.yaml /templates/made-from.yaml; then
  rm -f /templates/made-from.yaml
  stampede generate --config /config/generator.yaml --output-dir /templates
  cp /config/generator.yaml /templates/made-from.yaml
fi
if [ "$COMPRESSION" != none ]; then
  # Requests are made for the rate, so it has to be the replayers'.
  stampede freeze --config /config/replayer.yaml --input /templates --compression "$COMPRESSION" --rate "$RATE" --duration "$DURATION"
fi
# What wait-for-templates.sh looks for.
cat /config/generator.yaml /config/replayer.yaml >/templates/ready-for.new
echo "$COMPRESSION $RATE $DURATION" >>/templates/ready-for.new
mv /templates/ready-for.new /templates/ready-for
