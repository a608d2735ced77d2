import { App } from 'aws-cdk-lib';
import { buildWitness } from './witness.ts';

buildWitness(new App());
